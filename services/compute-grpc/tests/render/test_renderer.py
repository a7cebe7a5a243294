"""Exactness: what the service makes equals Datashader, and exact arithmetic, cell by cell."""

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from compute_rig.failing import FailingEngine
from compute_rig.memory import MemoryVersion
from compute_rig.rows import GRANT, Scene, assert_same, cells_of, datashader_grids, made, plan_of, scenes
from compute_rig.tokens import VERSION
from halftone.v1 import compute_pb2, frame_pb2
from halftone_compute import metrics
from halftone_compute.backends.base import Cancel, EngineError
from halftone_compute.backends.cpu.engine import CpuEngine
from halftone_compute.backends.engines import Engines
from halftone_compute.render.job import Place, RenderJob
from halftone_compute.render.renderer import Renderer
from halftone_compute.store.base import Block
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_views.lattice import Address, Viewport, extent_of
from halftone_wire import decode_piece
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from typing_extensions import override

NUMBERS = ("count", "any", "sum", "mean", "min", "max", "std", "var", "first", "last")
REDUCTIONS = (*NUMBERS, "by")
slow = settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])


@slow
@given(scenes())
def test_tiles_equal_datashader_on_the_half_open_subset(scene: Scene) -> None:
    sure = {name: values[~_unsure(scene)] for name, values in scene.rows.items()}
    event(f"rows that Datashader's rounding moves: {min(int(_unsure(scene).sum()), 3)}")
    version = MemoryVersion(VERSION, sure, {"c": "category"}, block_rows=7)
    grids = {reduction: made(version, reduction, scene.tiles) for reduction in REDUCTIONS}
    for index, tile in enumerate(scene.tiles):
        x0, x1, y0, y1 = extent_of(tile)
        x, y = sure["x"], sure["y"]
        inside = (x0 <= x) & (x < x1) & (y0 <= y) & (y < y1)
        subset = {name: values[inside] for name, values in sure.items()}
        expected = datashader_grids(subset, (x0, x1, y0, y1), 256, 256)
        for reduction in REDUCTIONS:
            assert_same(grids[reduction][index], expected, reduction, subset["v"])


@slow
@given(scenes())
def test_tiles_equal_the_exact_floor(scene: Scene) -> None:
    counted = made(scene.version, "count", scene.tiles)
    ex, ey = scene.tiles[0].ex, scene.tiles[0].ey
    places = list(zip(cells_of(scene.rows["x"], ex), cells_of(scene.rows["y"], ey), strict=True))
    for tile, grid in zip(scene.tiles, counted, strict=True):
        expected = np.zeros((256, 256), np.uint32)
        for x, y in places:
            if x is not None and y is not None and (x // 256, y // 256) == (tile.ix, tile.iy):
                expected[y % 256, x % 256] += 1
        np.testing.assert_array_equal(grid, expected)


@slow
@given(scenes(), st.integers(1, 40), st.integers(1, 30))
def test_free_viewport_equals_datashader_closed_edges_included(scene: Scene, width: int, height: int) -> None:
    x0, x1, y0, y1 = extent_of(scene.tiles[0])
    view = Viewport(x0, x1 * 1.7 if x1 > 0 else x1, y0, y1, width, height, exact=True)
    expected = datashader_grids(scene.rows, view.extent, width, height)
    for reduction in REDUCTIONS:
        (grid,) = made(scene.version, reduction, [view])
        assert_same(grid, expected, reduction, scene.rows["v"])


@st.composite
def views(draw: st.DrawFn) -> tuple[Viewport, dict[str, np.ndarray]]:
    """A viewport of any real extent, and rows on the edges of its cells, beside them and elsewhere."""
    bounds, rows = [], {}
    count = draw(st.integers(0, 40))
    for name in "xy":
        low = draw(st.floats(-1e6, 1e6))
        high = low + draw(st.floats(1e-3, 1e6))
        cells = draw(st.integers(1, 50))
        edges = st.sampled_from([low + (high - low) * i / cells for i in range(cells + 1)])
        beside = st.tuples(edges, st.sampled_from((-math.inf, math.inf))).map(lambda pair: math.nextafter(*pair))
        odd = st.sampled_from((low, high, math.nextafter(high, low), math.nan, math.inf, -0.0, 5e-324))
        one = st.one_of(edges, beside, odd, st.floats(low, high), st.floats(-2e6, 2e6))
        rows[name] = np.array(draw(st.lists(one, min_size=count, max_size=count)), draw(st.sampled_from(("f4", "f8"))))
        bounds.append((low, high, cells))
    value = st.floats(-1e6, 1e6) | st.sampled_from((math.nan, 0.0, -0.0, 5e-324))
    rows["v"] = np.array(draw(st.lists(value, min_size=count, max_size=count)))
    rows["c"] = np.array(draw(st.lists(st.integers(0, 15), min_size=count, max_size=count)), np.int32)
    (x0, x1, width), (y0, y1, height) = bounds
    return Viewport(x0, x1, y0, y1, width, height, exact=True), rows


@slow
@given(views())
def test_any_extent_equals_datashader_rows_on_edges_included(scene: tuple[Viewport, dict[str, np.ndarray]]) -> None:
    view, rows = scene
    version = MemoryVersion(VERSION, rows, {"c": "category"}, block_rows=7)
    expected = datashader_grids(rows, view.extent, view.width, view.height)
    for reduction in REDUCTIONS:
        (grid,) = made(version, reduction, [view])
        assert_same(grid, expected, reduction, rows["v"])


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(scenes())
def test_by_category_equals_datashader_on_the_rows_of_each_and_other_on_all_the_rest(scene: Scene) -> None:
    x0, x1, y0, y1 = extent_of(scene.tiles[0])
    view = Viewport(x0, x1, y0, y1, 32, 16, exact=True)
    code = scene.rows["c"]
    groups = [code == 0, code == 1, code >= 2]
    grids = []
    for group in groups:
        rows = {name: values[group] for name, values in scene.rows.items()}
        grids.append((datashader_grids(rows, view.extent, 32, 16), rows["v"]))
    for reduction in NUMBERS:
        if reduction == "count":
            continue
        (found,) = made(scene.version, reduction, [view], category="c", planes=3, other=True)
        assert found.shape == (16, 32, 3)
        for index, (expected, values) in enumerate(grids):
            assert_same(found[:, :, index], expected, reduction, values)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(scenes())
def test_bins_show_every_reduction(scene: Scene) -> None:
    x0, x1, *_ = extent_of(scene.tiles[0])
    finite = {name: values for name, values in scene.rows.items() if name != "y"}
    rows = {**finite, "y": np.full(len(scene.rows["x"]), 0.5)}
    expected = datashader_grids(rows, (x0, x1, 0.0, 1.0), 37, 1)
    view = Viewport(x0, x1, 0.0, 1.0, 37, 1, exact=True)
    for reduction in REDUCTIONS:
        (found,) = made(scene.version, reduction, [view], flat=True)
        assert_same(found, expected, reduction, rows["v"])


@pytest.mark.parametrize("place", [Address(0, 0, 0, 0), Viewport(0, 1, 0, 1, 1, 1, exact=True)])
def test_the_most_frequent_category_is_never_one_that_other_may_hide(place: Address | Viewport) -> None:
    for codes, expected in (
        ([0, 0, 1], 0.0),
        ([1, 0], 0.0),
        ([1, 1, 0], 1.0),
        # Two of the others: as many as the best one, which then is first among equals at least.
        ([0, 0, 2, 3], 0.0),
        # Three of the others: one of them may have more rows than any known one.
        ([0, 0, 2, 3, 4], 2.0),
    ):
        rows: dict[str, np.ndarray] = {
            "x": np.zeros(len(codes)),
            "y": np.zeros(len(codes)),
            "c": np.array(codes, np.int32),
        }
        version = MemoryVersion(VERSION, rows, {"c": "category"})
        (grid,) = made(version, "mode", [place], category="c", planes=3, other=True)
        assert grid[0, 0] == expected
        assert np.isnan(grid.reshape(-1)[1:]).all()


def test_first_and_last_follow_the_file_whatever_the_order_of_the_blocks() -> None:
    class Backwards(MemoryVersion):
        """The blocks of an index that begins with the last rows."""

        @override
        def blocks(self, *asked: Any, **more: Any) -> Iterator[Block]:
            yield from reversed(list(super().blocks(*asked, **more)))

    rows = {"x": np.zeros(30), "y": np.zeros(30), "v": np.arange(2**62, 2**62 + 30)}
    version = Backwards(VERSION, rows, block_rows=7)
    for reduction, expected in (("first", 2**62), ("last", 2**62 + 29)):
        for place in (Address(0, 0, 0, 0), Viewport(0, 1, 0, 1, 1, 1, exact=True)):
            pieces: list[compute_pb2.EncodedPiece] = []
            job = RenderJob(GRANT, version, plan_of(reduction), {b"1": place})
            Renderer(Engines(CpuEngine()), 1 << 30).render(job, Cancel(), pieces.append)
            assert int(decode_piece(pieces[0].piece).planes[2].cells[0, 0]) == expected


def test_whole_sums_are_exact_as_far_as_an_int64_holds_them() -> None:
    values = np.array([2**53 - 1, 2**53 - 1, -1, 2**40])
    version = MemoryVersion(VERSION, {"x": np.zeros(4), "y": np.zeros(4), "v": values})
    pieces: list[compute_pb2.EncodedPiece] = []
    job = RenderJob(GRANT, version, plan_of("sum"), {b"1": Address(0, 0, 0, 0)})
    Renderer(Engines(CpuEngine()), 1 << 30).render(job, Cancel(), pieces.append)
    assert int(decode_piece(pieces[0].piece).planes[2].cells[0, 0]) == sum(values.tolist())


def _unsure(scene: Scene) -> np.ndarray:
    """Rows that Datashader's float64 `x * s + t` puts into another cell; each must lie within one rounding of it."""
    unsure = np.zeros(len(scene.rows["x"]), bool)
    for tile in scene.tiles:
        for name, e, i in (("x", tile.ex, tile.ix), ("y", tile.ey, tile.iy)):
            for row, value in enumerate(scene.rows[name].tolist()):
                exact = Fraction(value) / Fraction(2) ** e - i * 256 if math.isfinite(value) else Fraction(-1)
                if not 0 <= exact < 256:
                    continue
                rounded = float(value) * 2.0**-e + float(-i * 256)
                if min(int(rounded), 255) != math.floor(exact):
                    assert scene.rows[name].dtype == np.float64
                    assert abs(Fraction(rounded) - exact) <= Fraction(math.ulp(rounded)) / 2
                    unsure[row] = True
    return unsure


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_no_rows_give_an_empty_piece(reduction: str) -> None:
    rows: dict[str, np.ndarray] = {"x": np.zeros(0), "y": np.zeros(0), "v": np.zeros(0), "c": np.zeros(0, np.int32)}
    version = MemoryVersion(VERSION, rows, {"c": "category"})
    for place in (Address(0, 0, 0, 0), Viewport(0, 1, 0, 1, 5, 4, exact=True)):
        (grid,) = made(version, reduction, [place])
        assert not np.nan_to_num(grid).any()


def test_many_tiles_take_one_pass_over_the_rows() -> None:
    rng = np.random.default_rng(1)
    version = MemoryVersion(VERSION, {"x": rng.random(5000), "y": rng.random(5000)})
    tiles = [Address(-9, i, -9, j) for i in range(2) for j in range(2)]
    grids = made(version, "count", tiles)
    assert version.passes == 1
    assert sum(int(grid.sum()) for grid in grids) == 5000


@pytest.mark.parametrize("place", [Address(0, 0, 0, 0), Viewport(0, 1, 0, 1, 1, 1, exact=True)])
@pytest.mark.parametrize("dtype", ["i8", "u8"])
def test_extremes_of_wide_integers_keep_their_last_bit(dtype: str, place: Address | Viewport) -> None:
    bounds = np.iinfo(dtype)
    values = np.array([bounds.max, bounds.max - 1, bounds.min, bounds.min + 1], dtype)
    version = MemoryVersion(VERSION, {"x": np.zeros(4), "y": np.zeros(4), "v": values})
    for reduction, expected in (("min", bounds.min), ("max", bounds.max)):
        pieces: list[compute_pb2.EncodedPiece] = []
        job = RenderJob(GRANT, version, plan_of(reduction), {b"1": place})
        Renderer(Engines(CpuEngine()), 1 << 30).render(job, Cancel(), pieces.append)
        plane = frame_pb2.Piece.FromString(pieces[0].piece).planes[2]
        assert int.from_bytes(plane.data[-8:], "little", signed=dtype == "i8") == expected


def test_nulls_of_axes_drop_the_row_and_nulls_of_values_only_the_value() -> None:
    x, v = np.array([1, 0, 1], "i4"), np.array([5, 6, 0], "i4")
    valid = {"x": np.array([True, False, True]), "v": np.array([True, True, False])}
    version = MemoryVersion(VERSION, {"x": x, "y": np.zeros(3), "v": v}, valid=valid)
    for place in (Address(0, 0, 0, 0), Viewport(0, 256, 0, 256, 256, 256, exact=True)):
        assert made(version, "count", [place])[0].sum() == 2
        assert made(version, "min", [place])[0][0, 1] == 5
        assert np.isnan(made(version, "min", [place])[0][0, 0])


def test_rarer_categories_go_to_the_last_plane_when_asked() -> None:
    rows: dict[str, np.ndarray] = {"x": np.zeros(4), "y": np.zeros(4), "c": np.array([0, 1, 2, 3], np.int32)}
    version = MemoryVersion(VERSION, rows, {"c": "category"})
    for place in (Address(0, 0, 0, 0), Viewport(0, 1, 0, 1, 1, 1, exact=True)):
        assert made(version, "by", [place], planes=2, other=True)[0][0, 0].tolist() == [1, 3]
        assert made(version, "by", [place], planes=2, other=False)[0][0, 0].tolist() == [1, 1]


@pytest.mark.parametrize(
    ("place", "named"), [(Address(0, 0, 0, 0), "One tile"), (Viewport(0, 1, 0, 1, 256, 256, exact=True), "viewport")]
)
def test_a_piece_too_large_by_itself_is_refused_before_any_row_is_read(place: Place, named: str) -> None:
    version = MemoryVersion(VERSION, {"x": np.zeros(4), "y": np.zeros(4), "v": np.zeros(4)})
    job = RenderJob(GRANT, version, plan_of("mean"), {b"1": place})
    with pytest.raises(HalftoneError) as caught:
        Renderer(Engines(CpuEngine()), (1 << 20) - 1).render(job, Cancel(), lambda _: None)
    assert caught.value.code is ErrorCode.RENDER_TOO_LARGE
    assert named in caught.value.detail
    assert "1 MiB" in caught.value.detail
    assert version.passes == 0


def test_tiles_far_apart_take_a_pass_each() -> None:
    version = MemoryVersion(VERSION, {"x": np.array([0.0, 256e6]), "y": np.array([0.0, 256e6])})
    places = {b"1": Address(0, 0, 0, 0), b"2": Address(0, 10**6, 0, 10**6)}
    pieces: list[compute_pb2.EncodedPiece] = []
    job = RenderJob(GRANT, version, plan_of("count"), places)
    receipt = Renderer(Engines(CpuEngine()), 1 << 30).render(job, Cancel(), pieces.append)
    assert [decode_piece(piece.piece).cells(frame_pb2.PLANE_ROLE_COUNT).sum() for piece in pieces] == [1, 1]
    assert (version.passes, receipt.rows_scanned, receipt.pieces_total) == (2, 4, 2)


def test_tiles_beyond_exact_cells_are_refused() -> None:
    version = MemoryVersion(VERSION, {"x": np.zeros(4), "y": np.zeros(4)})
    job = RenderJob(GRANT, version, plan_of("count"), {b"1": Address(0, 2**60 + 1, 0, 0)})
    with pytest.raises(HalftoneError) as caught:
        Renderer(Engines(CpuEngine()), 1 << 30).render(job, Cancel(), lambda _: None)
    assert caught.value.code is ErrorCode.PARAM_OUT_OF_RANGE


ROWS = {"x": np.arange(40) * 8.0, "y": np.arange(40) * 4.0, "v": np.arange(40) / 2}
TILES = {b"1": Address(0, 0, 0, 0), b"2": Address(0, 1, 0, 0)}


def four_blocks() -> MemoryVersion:
    return MemoryVersion(VERSION, ROWS, block_rows=10)


def rendered(
    engines: Engines, cancel: Cancel | None = None, version: MemoryVersion | None = None
) -> tuple[list[bytes], frame_pb2.Receipt]:
    """The pieces and the receipt of two tiles."""
    pieces: list[compute_pb2.EncodedPiece] = []
    job = RenderJob(GRANT, version or four_blocks(), plan_of("sum"), TILES)
    receipt = Renderer(engines, 1 << 30).render(job, cancel or Cancel(), pieces.append)
    return [piece.piece for piece in pieces], receipt


@pytest.mark.parametrize("step", ["needs", "open", "add", "planes"])
def test_a_picture_that_a_card_has_no_room_for_is_made_whole_by_the_processor(step: str) -> None:
    expected, _ = rendered(Engines(CpuEngine()))
    engines = Engines(FailingEngine("out_of_memory", step), CpuEngine())
    counted = metrics.DEGRADED.labels("out_of_memory")._value.get()
    pieces, receipt = rendered(engines)
    assert pieces == expected
    assert (receipt.backend, receipt.degraded, receipt.rows_scanned) == ("cpu", "out_of_memory", 40)
    assert metrics.DEGRADED.labels("out_of_memory")._value.get() == counted + 1


def test_a_card_that_lacked_room_once_makes_the_next_picture() -> None:
    card = FailingEngine("out_of_memory")
    engines = Engines(card, CpuEngine())
    rendered(engines)
    card.reason = None
    counted = metrics.DEGRADED.labels("out_of_memory")._value.get()
    _, receipt = rendered(engines)
    assert (receipt.backend, receipt.degraded) == ("gpu", "")
    assert metrics.DEGRADED.labels("out_of_memory")._value.get() == counted


def test_every_picture_since_a_card_was_lost_says_so() -> None:
    card = FailingEngine("card_lost", "add")
    engines = Engines(card, CpuEngine())
    assert [(receipt.backend, receipt.degraded) for _, receipt in (rendered(engines), rendered(engines))] == [
        ("cpu", "card_lost"),
        ("cpu", "card_lost"),
    ]
    assert card.asked.count("add") == 1


def test_nobody_waits_for_a_picture_that_was_given_up_while_its_engine_failed() -> None:
    cancel, version = Cancel(), four_blocks()
    engines = Engines(FailingEngine("card_lost", before=cancel.set), CpuEngine())
    with pytest.raises(HalftoneError) as caught:
        rendered(engines, cancel, version)
    assert caught.value.code is ErrorCode.CANCELLED
    assert version.passes == 1
    assert engines.current().name == "cpu"


def test_the_failure_of_the_only_engine_is_not_hidden() -> None:
    with pytest.raises(EngineError):
        rendered(Engines(FailingEngine("out_of_memory")))
