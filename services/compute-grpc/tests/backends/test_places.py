"""Cells of single points, against the engine that has loops for many rows."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from compute_rig.conformance import COUNT
from halftone_compute.backends.base import Cancel, FreeRegion, LatticeRegion, Task
from halftone_compute.backends.cpu.engine import CpuEngine
from halftone_compute.backends.places import places_of
from halftone_compute.store.base import Block
from hypothesis import given
from hypothesis import strategies as st

ENGINE = CpuEngine()
EXPONENTS = st.one_of(st.integers(-12, 12), st.sampled_from((-1074, -1001, -1000, -500, 900)))
RANGES = st.one_of(
    st.tuples(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6)).map(lambda found: (found[0], found[0] + found[1])),
    st.sampled_from(
        (
            (0.0, 1.0),
            (0.0, 5e-324),
            (-1e-308, 1e-308),
            (-(2.0**999), 2.0**999),
            (1.0, math.nextafter(1, 2)),
            (1e15, 1e15 + 1),
        )
    ),
)
SIDES = st.integers(1, 9)
ODD = st.sampled_from((0.0, -0.0, 5e-324, -5e-324, 1e-310, -1e-310, 1.0, 1e300, -1e300, -(2.0**1000)))


@given(EXPONENTS, EXPONENTS, st.integers(-3, 1), SIDES, SIDES, st.data())
def test_cells_of_the_lattice(ex: int, ey: int, first: int, width: int, height: int, data: st.DataObject) -> None:
    region = LatticeRegion(ex, float(first), ey, float(first), width, height)
    axes = [st.one_of(st.integers(-12, 24).map(partial(_half_cells, e)), ODD) for e in (ex, ey)]
    _check(region, data.draw(st.lists(st.tuples(*axes), min_size=1, max_size=8)))


@given(RANGES, RANGES, SIDES, SIDES, st.data())
def test_cells_of_a_free_viewport(
    x: tuple[float, float], y: tuple[float, float], width: int, height: int, data: st.DataObject
) -> None:
    region = FreeRegion(*x, *y, width, height)
    axes = [
        st.one_of(
            st.sampled_from([*bounds, *(math.nextafter(b, side) for b in bounds for side in (-math.inf, math.inf))]),
            st.integers(0, cells).map(partial(_edge, bounds, cells)),
            st.floats(*bounds),
            ODD,
        )
        for bounds, cells in ((x, width), (y, height))
    ]
    _check(region, data.draw(st.lists(st.tuples(*axes), min_size=1, max_size=8)))


def test_the_upper_edge_lies_in_the_last_cell() -> None:
    """Wherever its product with the scale is rounded to."""
    _check(FreeRegion(-1e-308, 1e-308, -1e-308, 1e-308, 1, 1), [(1e-308, 1e-308)])
    _check(FreeRegion(0.0, 1.0, 0.0, 464529.5, 3, 2), [(1.0, 464529.5), (math.nextafter(1.0, 0.0), 464529.0)])


def _edge(bounds: tuple[float, float], cells: int, at: int) -> float:
    return bounds[0] + (bounds[1] - bounds[0]) * (at / cells)


def _half_cells(exponent: int, halves: int) -> float:
    return math.ldexp(halves, exponent - 1)


def _check(region: LatticeRegion | FreeRegion, points: list[tuple[float, float]]) -> None:
    xs, ys = (np.array(values) for values in zip(*points, strict=True))
    inside, cells = places_of(region, xs, ys)
    assert (inside.dtype.kind, cells.dtype.name, len(cells)) == ("b", "int64", int(np.count_nonzero(inside)))
    found = iter(cells.tolist())
    for place, is_inside in enumerate(inside.tolist()):
        canvas = ENGINE.open(Task(region, COUNT, "x", "y", 1))
        canvas.add(Block(0, {"x": xs[place : place + 1], "y": ys[place : place + 1]}, {}), Cancel())
        [plane] = canvas.planes()
        assert np.flatnonzero(plane.cells).tolist() == ([next(found)] if is_inside else [])
