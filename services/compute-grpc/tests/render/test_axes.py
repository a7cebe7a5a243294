"""Axes with a transform: cells in units of the axis, on both engines, equal to Datashader's logarithmic axes."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import uuid4

import datashader as ds
import numpy as np
import pandas as pd
import pytest
from compute_rig.host_device import HostDevice
from compute_rig.memory import MemoryVersion
from compute_rig.rows import GRANT
from halftone.v1 import compute_pb2
from halftone_compute.backends.base import Cancel
from halftone_compute.backends.card import CardEngine
from halftone_compute.backends.cpu.engine import CpuEngine
from halftone_compute.backends.engines import Engines
from halftone_compute.render import axes
from halftone_compute.render.job import Place, RenderJob
from halftone_compute.render.scan import Scan
from halftone_compute.store.base import Block, Box, no_check
from halftone_compute.store.places import places
from halftone_views.codes import TransformCode
from halftone_views.lattice import Address, Viewport
from halftone_views.lattice.transform import transform_of
from hypothesis import assume, given
from hypothesis import strategies as st
from typing_extensions import override

LINEAR, LOG10 = compute_pb2.TRANSFORM_LINEAR, compute_pb2.TRANSFORM_LOG10
MERCATOR = compute_pb2.TRANSFORM_MERCATOR
RNG = np.random.default_rng(5)
ROWS: Mapping[str, np.ndarray] = {
    "x": 10.0 ** RNG.uniform(-2, 4, 3000),
    "y": np.where(RNG.random(3000) < 0.1, -1.0, 10.0 ** RNG.uniform(-3, 3, 3000)).astype("f4"),
    "n": RNG.integers(-3, 1000, 3000).astype("i2"),
    "lon": RNG.uniform(-180, 180, 3000),
    "lat": RNG.uniform(-90, 90, 3000),
    "v": RNG.normal(size=3000),
    "c": RNG.integers(0, 3, 3000).astype(np.int32),
}


@dataclass
class Clipped(MemoryVersion):
    """A version that leaves out what lies outside of a box, as a store may."""

    @override
    def blocks(self, columns: Sequence[str], box: Box | None, check: Callable[[], None] = no_check) -> Iterator[Block]:
        for block in super().blocks(columns, box, check):
            assert box is not None
            inside = (block.values[box.x] >= box.x0) & (block.values[box.x] <= box.x1)
            if box.y is not None:
                inside &= (block.values[box.y] >= box.y0) & (block.values[box.y] <= box.y1)
            valid = {name: mask[inside] for name, mask in block.valid.items()}
            yield Block(block.start, {name: block.values[name][inside] for name in columns}, valid)


def axis(column: str, transform: TransformCode) -> compute_pb2.Axis:
    return compute_pb2.Axis(column=column, transform=transform)


def plan(x: compute_pb2.Axis, y: compute_pb2.Axis | None = None, **more: Any) -> compute_pb2.Plan:  # noqa: ANN401 - fields of a plan
    glyph = compute_pb2.GLYPH_BINS if y is None else compute_pb2.GLYPH_POINTS
    fields: dict[str, Any] = {"accumulators": [compute_pb2.ACCUMULATOR_COUNT], **more}
    return compute_pb2.Plan(glyph=glyph, x=x, y=y, **fields)


@cache
def scans() -> tuple[Scan, Scan]:
    """One of each engine."""
    return Scan(Engines(CpuEngine()), 1 << 30), Scan(Engines(CardEngine(HostDevice(), 1 << 26)), 1 << 30)


def cells(asked: compute_pb2.Plan, place: Place, **version: Any) -> list[np.ndarray]:  # noqa: ANN401 - fields of a version
    """The planes of one place: the same from both engines, and from a store that leaves out rows."""
    found = []
    for kind in (MemoryVersion, Clipped):
        rows = kind(str(uuid4()), ROWS, {"c": "category"}, block_rows=700, **version)
        for scan in scans():
            gathered = scan.gather(RenderJob(GRANT, rows, asked, {b"1": place}), Cancel())
            found.append([plane.cells for plane in gathered.planes])
    for other in found[1:]:
        for mine, theirs in zip(found[0], other, strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-9)
    return found[0]


@pytest.mark.parametrize("y_type", ["linear", "log"])
def test_a_free_viewport_equals_datashaders_logarithmic_canvas(y_type: str) -> None:
    low, high = (1e-2, 500.0) if y_type == "log" else (-2.0, 500.0)
    y0, y1 = (math.log10(low), math.log10(high)) if y_type == "log" else (low, high)
    view = Viewport(math.log10(0.5), math.log10(3000.0), y0, y1, 53, 41, exact=True)
    asked = plan(
        axis("x", LOG10),
        axis("y", LOG10 if y_type == "log" else LINEAR),
        accumulators=[compute_pb2.ACCUMULATOR_COUNT, compute_pb2.ACCUMULATOR_VALID, compute_pb2.ACCUMULATOR_MAX],
        value="v",
    )
    count, _, greatest = cells(asked, view)
    frame = pd.DataFrame({name: ROWS[name].astype(np.float64) for name in ("x", "y", "v")})
    if y_type == "log":
        # Datashader has no place for these either, and takes the logarithm of them nevertheless.
        frame = frame[frame["y"] > 0]
    canvas = ds.Canvas(53, 41, x_range=(0.5, 3000.0), y_range=(low, high), x_axis_type="log", y_axis_type=y_type)
    np.testing.assert_array_equal(count, canvas.points(frame, "x", "y", ds.count()).data)
    expected = canvas.points(frame, "x", "y", ds.max("v")).data
    np.testing.assert_array_equal(np.where(count > 0, greatest, np.nan), expected)
    assert 1000 < count.sum() < 3000


def test_tiles_hold_the_floor_of_the_logarithm() -> None:
    (count,) = cells(plan(axis("x", LOG10), axis("y", LOG10)), Address(-6, 0, -7, -1))
    with np.errstate(invalid="ignore", divide="ignore"):
        x, y = np.floor(np.log10(ROWS["x"]) * 64), np.floor(np.log10(ROWS["y"].astype(np.float64)) * 128) + 256
    inside = (x >= 0) & (x < 256) & (y >= 0) & (y < 256)
    expected = np.zeros((256, 256), np.uint32)
    np.add.at(expected, (y[inside].astype(int), x[inside].astype(int)), 1)
    np.testing.assert_array_equal(count, expected)
    assert expected.sum() > 300


def test_bins_of_whole_numbers_leave_out_zero_and_what_is_missing() -> None:
    valid = np.arange(3000) % 5 > 0
    (count,) = cells(plan(axis("n", LOG10)), Address(0, 0, 0, 0), valid={"n": valid})
    n = ROWS["n"][valid]
    assert count[0, :4].tolist() == [((n >= 10**power) & (n < 10 ** (power + 1))).sum() for power in range(4)]
    assert count.sum() == (n > 0).sum()


def test_a_map_counts_rows_in_cells_of_equal_angles() -> None:
    (count,) = cells(plan(axis("lon", LINEAR), axis("lat", MERCATOR)), Viewport(-180, 180, -180, 180, 4, 4, exact=True))
    # A quarter of the map, from the equator: 0 to 66.51 degrees.
    north = math.degrees(math.atan(math.sinh(math.pi / 2)))
    lon, lat = ROWS["lon"], ROWS["lat"]
    assert count[2, 0] == ((lon < -90) & (lat >= 0) & (lat < north)).sum()
    assert count.sum() == (np.abs(lat) <= 85.05112878).sum()


def test_one_column_may_be_both_axes_the_value_and_beside_categories() -> None:
    view = Viewport(-1.0, 2000.0, -1.0, 5.0, 4, 3, exact=True)
    asked = plan(
        axis("x", LINEAR),
        axis("x", LOG10),
        accumulators=[compute_pb2.ACCUMULATOR_COUNT, compute_pb2.ACCUMULATOR_VALID, compute_pb2.ACCUMULATOR_MIN],
        value="x",
    )
    count, valid, least = cells(asked, view)
    x = ROWS["x"]
    np.testing.assert_array_equal(count, valid)
    assert count.sum() == ((x >= 0.1) & (x <= 2000)).sum()
    assert least[1, 0] == x[(x >= 10) & (x < 499.25)].min()
    by = cells(plan(axis("x", LOG10), axis("y", LOG10), category="c", category_planes=3), view)
    assert len(by) == 3


def test_engines_see_a_name_that_no_column_has() -> None:
    asked = plan(axis("x", LINEAR), axis("y", LOG10))
    assert axes.name_of(asked.x) == "x"
    made = axes.transformed(asked)
    assert list(made) == ["\0log of y"]
    assert axes.stored(("x", "\0log of y", "y", "v"), made) == ("x", "y", "v")
    block = Block(0, {"y": ROWS["y"]}, {})
    assert axes.added(block, {}) is block
    np.testing.assert_array_equal(axes.added(block, made).values["\0log of y"], places(LOG10, ROWS["y"]))


@given(st.sampled_from([LOG10, MERCATOR]), st.data())
def test_a_stored_box_holds_every_row_of_a_box_of_axes(code: TransformCode, data: st.DataObject) -> None:
    transform = transform_of(code)
    value = data.draw(st.floats(transform.low, transform.high))
    place = transform.forward(value)
    edge = st.sampled_from([place, math.nextafter(place, -math.inf), math.nextafter(place, math.inf)])
    low, high = sorted((data.draw(edge), data.draw(edge | st.floats(-500, 500))))
    assume(low <= place <= high)
    made = {"\0": axis("a", code)}
    box = axes.stored_box(Box("b", -1.0, 2.0, "\0", low, high), made)
    assert (box.x, box.x0, box.x1, box.y) == ("b", -1.0, 2.0, "a")
    assert box.y0 <= value <= box.y1
    assert axes.stored_box(Box("\0", low, high), made) == Box("a", box.y0, box.y1)
