"""Lines to pixels: what few numbers a column make is the picture of the line through all rows."""

import io
import math
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from compute_rig.exact import Rows
from compute_rig.questions import places_of
from compute_rig.tables import RandomTable
from compute_rig.ways import WAYS, Ways, small_parts
from halftone.v1 import compute_pb2, frame_pb2
from halftone_compute.serve.lines import filled, join, lines, range_of, raster, rows_of
from halftone_views.kinds.line import EVERY
from halftone_views.lattice import TILE, Address, cell_of
from halftone_views.quantity import quantity_of
from halftone_views.reduction import reduction_of
from halftone_wire import Plane, lines_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

HEIGHT = 24
SHOWN = quantity_of(EVERY, "v")
VALID, SUM = frame_pb2.PLANE_ROLE_VALID, frame_pb2.PLANE_ROLE_SUM
# A row of a line: its column and its value, NaN where that is missing.
Point = tuple[float, int, float]


@pytest.fixture(scope="module", autouse=True)
def parts() -> Iterator[None]:
    with small_parts():
        yield


def full_line(points: list[Point], columns: int, low: float, high: float) -> np.ndarray:
    """The line through all rows, (x, column, value), segment by segment: shape (HEIGHT, columns), lowest first.

    A segment between columns is the straight line between two pixels; in a column it is a stroke. A row without a value
    breaks the segment that it lies in, but for one in a single column, or at the place of a row with a value.
    """
    drawn = np.zeros((HEIGHT, columns), bool)
    with_value = {x for x, _, value in points if not math.isnan(value)}
    rows = sorted(
        (point for point in points if not math.isnan(point[2]) or point[0] not in with_value),
        key=lambda point: (point[0], math.isnan(point[2]), point[2]),
    )
    last: tuple[int, int] | None = None
    is_broken = False
    for _, column, value in rows:
        if math.isnan(value):
            is_broken = True
            continue
        row = min(max(math.floor((value - low) / ((high - low) or 1.0) * (HEIGHT - 1) + 0.5), 0), HEIGHT - 1)
        drawn[row, column] = True
        if last is not None and last[0] == column:
            bottom, top = sorted((last[1], row))
            drawn[bottom : top + 1, column] = True
        elif last is not None and not is_broken:
            for each, bottom, top in zip(*join(*last, column, row), strict=True):
                drawn[bottom : top + 1, each] = True
        last, is_broken = (column, row), False
    return drawn


@st.composite
def series(draw: st.DrawFn) -> RandomTable:
    """Times of any order, evenly or in bursts, many of them twice; some values missing or infinite, by category."""
    count = draw(st.sampled_from((1, 2, 9, 60, 200, 200)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x = rng.integers(-500, 500, count) / draw(st.sampled_from((1, 8)))
    if draw(st.booleans()):
        x = np.cumsum(rng.exponential(1.0, count) ** 3)
    v = np.cumsum(rng.normal(size=count))
    v[rng.random(count) < draw(st.sampled_from((0.0, 0.02, 0.3)))] = np.nan
    v[rng.random(count) < 0.01] = np.inf
    order = rng.permutation(count) if draw(st.booleans()) else np.argsort(x, kind="stable")
    kind = draw(st.sampled_from(("f4", "f8")))
    values = {"x": x[order].astype(kind), "y": rng.random(count), "w": rng.random(count), "v": v[order]}
    # A few rows lie nowhere.
    values["x"][rng.random(count) < 0.01] = np.nan
    values["c"], values["k"] = rng.integers(0, 3, count).astype(np.int32), rng.integers(0, 5, count)
    return RandomTable(Rows(values, {}), {"c": "category"}, 0)


def fetch_of(data: st.DataObject, x: np.ndarray, *, by_category: bool) -> compute_pb2.RenderAsk:
    """Tiles or a free viewport around rows, at any level."""
    plan = compute_pb2.Plan(glyph=compute_pb2.GLYPH_BINS, value="v", accumulators=EVERY.gathered())
    plan.x.column, plan.x.transform = "x", compute_pb2.TRANSFORM_LINEAR
    if by_category:
        plan.category, plan.category_planes = "c", 3
    fetch = compute_pb2.RenderAsk(plan=plan)
    known = x[np.isfinite(x)].astype(np.float64)
    spot = float(data.draw(st.sampled_from(known.tolist()))) if len(known) else 0.0
    if data.draw(st.booleans()):
        low, high = spot - data.draw(st.floats(0.1, 600)), spot + data.draw(st.floats(0.1, 600))
        fetch.whole.CopyFrom(
            frame_pb2.Viewport(
                extent=frame_pb2.Extent(x0=low, x1=high, y0=0, y1=1), width=37, height=1, exact_viewport=True
            )
        )
    else:
        exponent = data.draw(st.integers(-9, 4))
        fetch.tiles.append(Address(exponent, cell_of(spot, exponent + 8), 0, 0).to_proto())
    return fetch


def points_of(rows: Rows, fetch: compute_pb2.RenderAsk) -> list[tuple[int, Point]]:
    """(category, point) of every row in view."""
    (place,) = places_of(fetch)
    found = []
    values = zip(rows.values["c"].tolist(), rows.values["x"].tolist(), rows.values["v"].tolist(), strict=True)
    for code, x, value in values:
        if not math.isfinite(x):
            continue
        if isinstance(place, Address):
            column = cell_of(x, place.ex) - place.ix * TILE
            is_inside = 0 <= column < TILE
        else:
            is_inside = place.x0 <= x <= place.x1
            scale = place.width / (place.x1 - place.x0)
            column = min(int(x * scale + -place.x0 * scale), place.width - 1) if is_inside else 0
        if is_inside:
            found.append((code, (x, column, value if math.isfinite(value) else math.nan)))
    return found


@pytest.mark.parametrize("by_category", [False, True])
@settings(suppress_health_check=list(HealthCheck), max_examples=max(settings().max_examples // 4, 10))
@given(series(), st.data())
def test_a_line_of_every_value_is_the_line_through_all_rows(
    by_category: bool, table: RandomTable, data: st.DataObject
) -> None:
    with TemporaryDirectory() as folder:
        ways = Ways(Path(folder), table)
        fetch = fetch_of(data, table.rows.values["x"], by_category=by_category)
        points = points_of(table.rows, fetch)
        shown = quantity_of(EVERY, "v", category="c" if by_category else "")
        try:
            for way in WAYS:
                ((piece,), _) = ways.drawn(way, fetch)
                drawn = lines_of(shown, piece.planes)
                low, high = range_of(drawn)
                for code, line in enumerate(drawn):
                    own = [point for category, point in points if not by_category or category == code]
                    expected = full_line(own, piece.width, low, high)
                    np.testing.assert_array_equal(raster(line, low, high, HEIGHT), expected, way)
        finally:
            ways.close()


def planes(**cells: list[float]) -> list[Plane]:
    return [Plane(frame_pb2.PlaneRole.Value(f"PLANE_ROLE_{role}"), np.array([row])) for role, row in cells.items()]


def test_a_join_is_a_straight_line_between_the_middles_of_pixels() -> None:
    columns, bottom, top = join(2, 0, 4, 8)
    assert (columns.tolist(), bottom.tolist(), top.tolist()) == ([2, 3, 4], [0, 2, 6], [2, 6, 8])
    _, bottom, top = join(0, 3, 5, 3)
    assert bottom.tolist() == top.tolist() == [3] * 6
    _, down, up = join(0, 5, 3, 0)
    assert (down.max(), up.max(), down.min()) == (4, 5, 0)


def test_rows_of_pixels_fit_what_is_shown() -> None:
    assert rows_of(np.array([1.0, 3.0, 2.0, np.nan]), 1.0, 3.0, 5).tolist() == [0, 4, 2, -1]
    assert rows_of(np.array([7.0]), 7.0, 7.0, 5).tolist() == [0]
    assert filled(np.array([0.0, np.nan]), np.array([2.0, np.nan]), 0.0, 4.0, 5)[:, 0].tolist() == [1, 1, 1, 0, 0]


def image(file: bytes) -> np.ndarray:
    """Pixels, the lowest row first."""
    return np.asarray(Image.open(io.BytesIO(file)))[::-1]


def test_a_band_lies_behind_its_line_and_a_column_without_a_value_is_a_gap() -> None:
    shown = quantity_of(reduction_of("mean"), "v")
    made = planes(COUNT=[2, 1, 0, 1], VALID=[2, 0, 0, 1], SUM=[4, 0, 0, 4], MIN=[0, 0, 0, 4], MAX=[4, 0, 0, 4])
    pixels = image(lines(shown, made, 5, "viridis"))
    assert pixels[:, 0, 3].tolist() == [64, 64, 255, 64, 64]
    assert not pixels[:, 1:3, 3].any()
    assert pixels[:, 3, 3].tolist() == [0, 0, 0, 0, 255]
    assert not (pixels[2, 0, :3] == image(lines(shown, made, 5, "inferno"))[2, 0, :3]).all()


def test_each_category_has_its_colour_and_the_first_lies_on_top() -> None:
    shown = quantity_of(reduction_of("sum"), "v", category="c")
    made = [
        Plane(role, np.array([row]), category)
        for role, rows in (
            (frame_pb2.PLANE_ROLE_CATEGORY, [[1, 1], [1, 1]]),
            (VALID, [[1, 1], [1, 1], [2, 2]]),
            (SUM, [[1.0, 1.0], [3.0, 1.0], [4.0, 2.0]]),
        )
        for category, row in enumerate(rows)
    ]
    pixels = image(lines(shown, made, 3, "viridis"))
    assert pixels[0, 0].tolist() == pixels[0, 1].tolist() != pixels[2, 0].tolist()
    assert pixels[2, 0, 3] == 255


def test_a_picture_without_a_number_is_empty() -> None:
    nothing = planes(COUNT=[0, 0], VALID=[0, 0], EARLIEST=[0, 0], LATEST=[0, 0], MIN=[0, 0], MAX=[0, 0])
    assert not image(lines(SHOWN, nothing, 3, "viridis")).any()
