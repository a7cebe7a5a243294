"""Axes with a transform: cells in units of the axis, on both engines, equal to Datashader's logarithmic axes."""

import math
from collections.abc import Callable, Mapping
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
from compute_rig.rows import GRANT, scan_by
from halftone.v1 import compute_pb2
from halftone_compute.backends.base import Cancel
from halftone_compute.backends.card import CardEngine
from halftone_compute.backends.cpu.engine import CpuEngine
from halftone_compute.render import axes
from halftone_compute.render.job import Place, RenderJob
from halftone_compute.render.scan import Scan
from halftone_compute.store.base import Block, no_check
from halftone_compute.store.index.entry import DIRECTORY
from halftone_compute.store.index.leaves import Box, Leaves
from halftone_compute.store.places import places
from halftone_compute.store.pyramid.tiles import Pyramid
from halftone_views.codes import TransformCode
from halftone_views.columns import ColumnInfo, ColumnType
from halftone_views.lattice import Address, Viewport
from halftone_views.lattice.bins import middle_of_bin, terms_of
from halftone_views.lattice.transform import transform_of
from hypothesis import assume, given
from hypothesis import strategies as st

LINEAR, LOG10 = compute_pb2.TRANSFORM_LINEAR, compute_pb2.TRANSFORM_LOG10
MERCATOR, CATEGORY = compute_pb2.TRANSFORM_MERCATOR, compute_pb2.TRANSFORM_CATEGORY
HOUR, WEEKDAY, MONTH = compute_pb2.TRANSFORM_HOUR, compute_pb2.TRANSFORM_WEEKDAY, compute_pb2.TRANSFORM_MONTH
RNG = np.random.default_rng(5)
ROWS: Mapping[str, np.ndarray] = {
    "x": 10.0 ** RNG.uniform(-2, 4, 3000),
    "y": np.where(RNG.random(3000) < 0.1, -1.0, 10.0 ** RNG.uniform(-3, 3, 3000)).astype("f4"),
    "n": RNG.integers(-3, 1000, 3000).astype("i2"),
    "lon": RNG.uniform(-180, 180, 3000),
    "lat": RNG.uniform(-90, 90, 3000),
    "v": RNG.normal(size=3000),
    "c": RNG.integers(0, 3, 3000).astype(np.int32),
    # Times of a century and a half, and many categories.
    "t": RNG.integers(-(10**15), 4 * 10**15, 3000),
    "o": RNG.geometric(0.01, 3000).clip(1, 400).astype(np.int32) - 1,
}
TYPES: Mapping[str, ColumnType] = {"c": "category", "o": "category", "t": "time"}


@dataclass(frozen=True)
class LeafOfEachRow:
    """An index in which every row is a leaf: of a box it gives no row that lies outside."""

    values: Mapping[str, np.ndarray]
    x: str = ""
    y: str = ""
    offset: int = 0

    def leaves(self, check: Callable[[], None] = no_check) -> Leaves:
        rows = len(next(iter(self.values.values())))
        zones = {name: (values.astype(np.float64), values.astype(np.float64)) for name, values in self.values.items()}
        return Leaves(np.arange(rows + 1), rows, "", "", zones)

    def pyramid(self, check: Callable[[], None] = no_check) -> Pyramid:
        return Pyramid(0, np.empty(0, DIRECTORY), np.empty(0, np.uint8))


def axis(column: str, transform: TransformCode) -> compute_pb2.Axis:
    return compute_pb2.Axis(column=column, transform=transform)


def plan(x: compute_pb2.Axis, y: compute_pb2.Axis | None = None, **more: Any) -> compute_pb2.Plan:  # noqa: ANN401 - fields of a plan
    glyph = compute_pb2.GLYPH_BINS if y is None else compute_pb2.GLYPH_POINTS
    fields: dict[str, Any] = {"accumulators": [compute_pb2.ACCUMULATOR_COUNT], **more}
    return compute_pb2.Plan(glyph=glyph, x=x, y=y, **fields)


@cache
def scans() -> tuple[Scan, ...]:
    """One of each engine."""
    return tuple(scan_by(engine) for engine in (CpuEngine(), CardEngine(HostDevice(), 1 << 26)))


def cells(asked: compute_pb2.Plan, place: Place, **version: Any) -> list[np.ndarray]:  # noqa: ANN401 - fields of a version
    """The planes of one place: the same from both engines, and from a store that leaves out rows."""
    found = []
    for index in (None, LeafOfEachRow(ROWS)):
        rows = MemoryVersion(str(uuid4()), ROWS, TYPES, block_rows=700, index=index, **version)
        for scan in scans():
            [gathered] = scan.gather(RenderJob(GRANT, rows, asked, {b"1": place}), Cancel())
            planes = gathered.pieces[b"1"]
            assert isinstance(planes, list)
            found.append([plane.cells for plane in planes])
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


def test_each_category_has_a_cell_of_its_own_in_tiles_and_in_viewports() -> None:
    counts = np.bincount(ROWS["o"], minlength=512)
    asked = plan(axis("o", CATEGORY))
    for ix in (0, 1):
        (count,) = cells(asked, Address(0, ix, 0, 0))
        np.testing.assert_array_equal(count[0], counts[256 * ix : 256 * ix + 256])
    (some,) = cells(asked, Viewport(3.0, 90.0, 0.0, 1.0, 87, 1, exact=True))
    np.testing.assert_array_equal(some[0], counts[3:90])
    # A category without rows between others, and none at all.
    assert counts[:400].min() == 0 < counts[399]
    (none,) = cells(asked, Viewport(400.0, 401.0, 0.0, 1.0, 1, 1, exact=True))
    assert none.sum() == 0


def test_hours_by_weekdays_and_months_are_those_of_pandas() -> None:
    times = pd.to_datetime(pd.Series(ROWS["t"]), unit="us")
    asked = plan(
        axis("t", HOUR),
        axis("t", WEEKDAY),
        accumulators=[compute_pb2.ACCUMULATOR_COUNT, compute_pb2.ACCUMULATOR_VALID, compute_pb2.ACCUMULATOR_ADD],
        value="v",
    )
    count, _, total = cells(asked, Viewport(0.0, 24.0, 0.0, 7.0, 24, 7, exact=True))
    frame = pd.DataFrame({"hour": times.dt.hour, "day": times.dt.day_of_week, "v": ROWS["v"]})
    expected = frame.groupby(["day", "hour"])["v"].agg(["count", "sum"]).unstack(fill_value=0)
    np.testing.assert_array_equal(count, expected["count"])
    np.testing.assert_allclose(total, expected["sum"], rtol=1e-12)
    (months,) = cells(plan(axis("t", MONTH)), Viewport(0.0, 12.0, 0.0, 1.0, 12, 1, exact=True))
    assert months[0].tolist() == times.dt.month.value_counts().sort_index().tolist()


def test_engines_see_a_name_that_no_column_has() -> None:
    asked = plan(axis("x", LINEAR), axis("y", LOG10))
    assert axes.name_of(asked.x) == "x"
    columns = {name: ColumnInfo(name, "number") for name in ROWS}
    made = axes.transformed(asked, columns)
    assert list(made) == ["\0log of y"]
    binned = plan(compute_pb2.Axis(column="x", transform=LINEAR, width=0.1))
    assert list(axes.transformed(binned, columns)) == ["\0linear by 0.1 of x"]
    assert axes.stored(("x", "\0log of y", "y", "v"), made) == ("x", "y", "v")
    block = Block(0, {"y": ROWS["y"]}, {})
    assert axes.added(block, {}) is block
    np.testing.assert_array_equal(axes.added(block, made).values["\0log of y"], places(LOG10, ROWS["y"]))


@given(st.sampled_from([LOG10, MERCATOR, LINEAR]), st.sampled_from([0.0, 0.1, 7.0]), st.data())
def test_a_stored_box_holds_every_row_of_a_box_of_axes(code: TransformCode, width: float, data: st.DataObject) -> None:
    transform = transform_of(code)
    value = data.draw(st.floats(max(transform.low, -1e300), min(transform.high, 1e300)))
    place = transform.forward(value)
    if width:
        place = middle_of_bin(place, *terms_of(width))
    edge = st.sampled_from([place, math.nextafter(place, -math.inf), math.nextafter(place, math.inf)])
    low, high = sorted((data.draw(edge), data.draw(edge | st.floats(-500, 500))))
    assume(low <= place <= high)
    made = {"\0": axes.PlacedAxis("a", code, "us", width)}
    box = axes.stored_box(Box("b", -1.0, 2.0, "\0", low, high), made)
    assert (box.x, box.x0, box.x1, box.y) == ("b", -1.0, 2.0, "a")
    assert box.y0 <= value <= box.y1
    assert axes.stored_box(Box("\0", low, high), made) == Box("a", box.y0, box.y1)


def test_rows_of_a_bin_lie_within_it() -> None:
    made = {"\0": axes.PlacedAxis("a", LINEAR, "us", 7.0)}
    box = axes.stored_box(Box("\0", 1.5, 2.5), made)
    assert (box.x, box.x0 <= 7.0, box.x1 >= 21.0) == ("a", True, True)


def test_rows_of_a_step_lie_anywhere_in_their_column() -> None:
    made = {"\0": axes.PlacedAxis("t", HOUR, "us")}
    assert axes.stored_box(Box("\0", 3.0, 4.0), made) == Box("t", -math.inf, math.inf)
