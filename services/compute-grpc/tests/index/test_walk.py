"""The tree over ordered rows: leaves, the tiles of nodes, and the bound on what a tile that is not stored holds."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest
from compute_rig.conformance import COUNT
from compute_rig.ordered import few_rows_a_leaf, hard_rows
from halftone_compute.backends.base import Cancel, LatticeRegion, Task
from halftone_compute.backends.cpu.engine import CpuEngine
from halftone_compute.index.sort import bounds_of, order_of
from halftone_compute.index.walk import Node, Walk, edge
from halftone_compute.index.window import Window
from halftone_compute.store.base import Block
from halftone_views.lattice import MIN_EXPONENT, TILE
from hypothesis import example, given
from hypothesis import strategies as st

if TYPE_CHECKING:
    from halftone_wire import Plane

HARD = hard_rows()
LEAF = 64
ENGINE = CpuEngine()
# The deepest trees take long with every offset.
DEEP = ("an outlier", "every power of two")
CASES = [(name, offset) for name in HARD for offset in (0, -3, 7) if offset == 0 or name not in DEEP]


@dataclass
class Rows:
    """Ordered rows in memory. A region must hold all rows that are asked for."""

    xs: np.ndarray
    ys: np.ndarray

    def x(self, row: int) -> float:
        return float(self.xs[row])

    def y(self, row: int) -> float:
        return float(self.ys[row])

    def planes(self, region: LatticeRegion, start: int, stop: int) -> list[Plane]:
        planes = counted(region, self.xs[start:stop], self.ys[start:stop])
        assert planes[0].cells.sum() == stop - start
        return planes


@dataclass
class Kept:
    """A sink that keeps everything."""

    leaves: list[tuple[int, int]] = field(default_factory=list)
    tiles: list[tuple[Node, list[Plane]]] = field(default_factory=list)

    def leaf(self, start: int, stop: int) -> None:
        self.leaves.append((start, stop))

    def tile(self, node: Node, planes: list[Plane]) -> None:
        self.tiles.append((node, planes))


def counted(region: LatticeRegion, xs: np.ndarray, ys: np.ndarray) -> list[Plane]:
    canvas = ENGINE.open(Task(region, COUNT, "x", "y", max(1, len(xs))))
    if len(xs):
        canvas.add(Block(0, {"x": xs, "y": ys}, {}), Cancel())
    return canvas.planes()


@pytest.fixture(params=CASES, ids=str)
def case(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> tuple[Rows, Kept, int]:
    """Ordered rows, and what a walk over them found."""
    few_rows_a_leaf(monkeypatch, LEAF)
    name, offset = request.param
    xs, ys = HARD[name]
    order = order_of(xs, ys, offset)
    rows, kept = Rows(xs[order], ys[order]), Kept()
    Walk(rows, offset, kept).run(Window.of(bounds_of(xs, ys), offset), len(xs))
    return rows, kept, offset


def test_a_walk(case: tuple[Rows, Kept, int]) -> None:
    rows, kept, offset = case
    _check_leaves(rows, kept)
    _check_tiles(rows, kept)
    _check_bound(rows, kept, offset)


def _check_leaves(rows: Rows, kept: Kept) -> None:
    """They are all rows, in order, few each or at one point."""
    starts, stops = zip(*kept.leaves, strict=True)
    assert starts == (0, *stops[:-1])
    assert stops[-1] == len(rows.xs)
    for start, stop in kept.leaves:
        points = np.unique(np.stack((rows.xs[start:stop], rows.ys[start:stop])), axis=1)
        assert 0 < stop - start <= LEAF or points.shape[1] == 1


def _check_tiles(rows: Rows, kept: Kept) -> None:
    """Each has the counts of exactly the rows in its extent: some of many tiles, the first and the last among them."""
    for node, [plane] in kept.tiles[:: max(1, len(kept.tiles) // 20)] + kept.tiles[-1:]:
        region = LatticeRegion(node.ex, float(node.ix * TILE), node.ey, float(node.iy * TILE), TILE, TILE)
        [expected] = counted(region, rows.xs, rows.ys)
        np.testing.assert_array_equal(plane.cells, expected.cells)
        assert plane.cells.sum() == node.rows
        assert plane.cells.dtype == expected.cells.dtype


def _check_bound(rows: Rows, kept: Kept, offset: int) -> None:
    """On every level, a tile is stored when and only when it holds more units than a leaf holds rows."""
    stored = {(node.ex, node.ix, node.ey, node.iy) for node, _ in kept.tiles}
    assert len(stored) == len(kept.tiles)
    points, counts = np.unique(np.stack((rows.xs, rows.ys)), axis=1, return_counts=True)
    units = np.where(counts > LEAF, 1, counts)
    if not stored:
        assert units.sum() <= LEAF
        return
    top, finest = max(tile[2] for tile in stored), min(tile[2] for tile in stored)
    # The coarsest level has square cells. Of very many levels these are some.
    levels = [(top + offset, top)]
    for ey in range(top - 1, finest - 2, -max(1, (top - finest) // 60)):
        levels += [(ey + offset, ey), (ey + offset + 1, ey)]
    for ex, ey in levels:
        assert {tile for tile in stored if (tile[0], tile[2]) == (ex, ey)} == _crowded(points, units, ex, ey)
    assert {ex - ey - offset for ex, _, ey, _ in stored} <= {0, 1}


def _crowded(points: np.ndarray, units: np.ndarray, ex: int, ey: int) -> set[tuple[int, int, int, int]]:
    if min(ex, ey) < MIN_EXPONENT:
        return set()
    tiles: Counter[tuple[float, float]] = Counter()
    for x, y, count in zip(*(_tile(values, e) for values, e in zip(points, (ex, ey), strict=True)), units, strict=True):
        tiles[x, y] += int(count)
    limit = 2.0**53 / TILE
    return {
        (ex, int(x), ey, int(y))
        for (x, y), count in tiles.items()
        if count > LEAF and -limit <= x < limit and -limit <= y < limit
    }


def _tile(values: np.ndarray, exponent: int) -> list[float]:
    with np.errstate(over="ignore"):
        found = np.floor(np.ldexp(values, -(exponent + 8)))
    tiles: list[float] = np.where((values < 0) & (found == 0), -1.0, found).tolist()
    return tiles


def test_a_million_rows_at_one_point_are_one_leaf() -> None:
    rows, kept = Rows(np.full(1_000_000, 3.5), np.full(1_000_000, -2.0)), Kept()
    Walk(rows, 0, kept).run(Window.of((3.5, 3.5, -2.0, -2.0), 0), 1_000_000)
    assert (kept.leaves, kept.tiles) == ([(0, 1_000_000)], [])


@example(1, 1024)
@example(-1, 1024)
@example(2**60 + 1, -1074)
@given(st.integers(-(2**80), 2**80), st.one_of(st.integers(-1200, 1100), st.integers(-5000, 5000)))
def test_an_edge_is_the_least_float_that_is_not_below(index: int, exponent: int) -> None:
    found = edge(index, exponent)
    exact = index * Fraction(2) ** exponent
    if math.isinf(found):
        assert (found > 0 and exact > Fraction(2) ** 1023) or exact < -(Fraction(2) ** 1023)
    else:
        assert Fraction(found) >= exact
        assert Fraction(math.nextafter(found, -math.inf)) < exact


def test_tiles_are_of_cells_with_exact_numbers() -> None:
    assert Node(8, 2**45 - 1, 8, -(2**45), 0, 1).is_tile
    assert not Node(8, 2**45, 8, 0, 0, 1).is_tile
    assert not Node(8, 0, 8, -(2**45) - 1, 0, 1).is_tile
    assert Node(MIN_EXPONENT + 8, 0, 8, 0, 0, 1).is_tile
    assert not Node(8, 0, MIN_EXPONENT + 7, 0, 0, 1).is_tile


@pytest.mark.parametrize(("index", "expected"), [(1, float("inf")), (-1, float("-inf")), (0, 0.0)])
def test_an_edge_beyond_all_floats_is_infinite(index: int, expected: float) -> None:
    assert edge(index, 1100) == expected
