"""The engine for GPUs, on a device that runs its kernels on the host: equal to the CPU engine and to Datashader."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from compute_rig.conformance import (
    COUNT,
    EVERYTHING,
    FIRST,
    FREE,
    LATTICE,
    MAX,
    MIN,
    ROWS,
    SQUARES,
    SUM,
    Accumulators,
    EngineConformance,
    planes,
    run,
)
from compute_rig.host_device import HostDevice, HostMemory
from compute_rig.memory import MemoryVersion
from compute_rig.rows import GRANT, Scene, datashader_grids, plan_of, scenes
from compute_rig.tokens import VERSION
from compute_rig.waiting import in_threads
from halftone.v1 import compute_pb2, frame_pb2
from halftone_compute.backends.base import Cancel, EngineError, FreeRegion, LatticeRegion, Task
from halftone_compute.backends.card import CardEngine
from halftone_compute.backends.cpu.engine import CpuEngine
from halftone_compute.backends.engines import Engines
from halftone_compute.render.job import RenderJob
from halftone_compute.render.renderer import Renderer
from halftone_compute.store.base import ROW_NUMBER, Block
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_views.lattice import TILE, Address
from halftone_wire import Plane, decode_piece
from hypothesis import HealthCheck, given, settings

# Stand for rows by category, which have no accumulator of their own, and for everything by category.
CATEGORIES: Accumulators = ()
BY_CATEGORY: Accumulators = (compute_pb2.ACCUMULATOR_UNSPECIFIED,)
GATHERED = (COUNT, SUM, MIN, MAX, SQUARES, FIRST, EVERYTHING, CATEGORIES, BY_CATEGORY)
BUDGET = 1 << 28
Columns = Mapping[str, np.ndarray]


def card(budget: int = BUDGET, **options: Any) -> CardEngine[HostMemory]:  # noqa: ANN401 - passed on as they are
    return CardEngine(HostDevice(**options), budget)


def task_of(accumulators: Accumulators, region: LatticeRegion | FreeRegion, columns: Columns, rows: int = ROWS) -> Task:
    if accumulators == CATEGORIES:
        return Task(region, COUNT, "x", "y", rows, category="c", categories=4, other=True)
    if accumulators == BY_CATEGORY:
        return replace(task_of(EVERYTHING, region, columns, rows), category="c", categories=4, other=True)
    if accumulators == COUNT:
        return Task(region, accumulators, "x", "y", rows)
    return Task(region, accumulators, "x", "y", rows, value="v", value_dtype=columns["v"].dtype)


def assert_equal(task: Task, ours: list[Plane], theirs: list[Plane], columns: Columns) -> None:
    """Integers and extremes to the bit; sums within 1e-6 of what all values of the table add up to."""
    for mine, other in zip(ours, theirs, strict=True):
        assert (mine.role, mine.category) == (other.role, other.category)
        assert mine.cells.dtype == other.cells.dtype
        if other.cells.dtype == np.float64 and mine.role in (frame_pb2.PLANE_ROLE_SUM, frame_pb2.PLANE_ROLE_SQUARES):
            values = columns["v"].astype(np.float64)
            values = values[np.isfinite(values)]
            size = np.abs(values).sum() if mine.role == frame_pb2.PLANE_ROLE_SUM else (values**2).sum()
            np.testing.assert_allclose(mine.cells, other.cells, rtol=1e-6, atol=1e-12 * size)
        else:
            np.testing.assert_array_equal(mine.cells, other.cells)


def numbered(rows: Columns) -> dict[str, np.ndarray]:
    return {**rows, ROW_NUMBER: np.arange(len(rows["x"]))[::-1]}


class TestCardEngine(EngineConformance):
    # The host runs the kernels one thread after the other.
    cancel_rows = 50_000

    @pytest.fixture
    def backend(self) -> CardEngine[HostMemory]:
        return card()


@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(scenes())
def test_tiles_equal_those_of_the_cpu(scene: Scene) -> None:
    first = scene.tiles[0]
    region = LatticeRegion(first.ex, float(first.ix * TILE), first.ey, float(first.iy * TILE), 2 * TILE, 2 * TILE)
    block, engine = Block(0, numbered(scene.rows), {}), card()
    for accumulators in GATHERED:
        task = task_of(accumulators, region, scene.rows)
        assert_equal(task, planes(engine, task, block), planes(CpuEngine(), task, block), scene.rows)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(scenes())
def test_free_viewports_equal_datashaders(scene: Scene) -> None:
    first = scene.tiles[0]
    x0, x1 = ((first.ix * TILE + side) * 2.0**first.ex * 1.01 for side in (3, 411))
    y0, y1 = ((first.iy * TILE + side) * 2.0**first.ey * 1.01 for side in (3, 411))
    grids = datashader_grids(scene.rows, (x0, x1, y0, y1), 64, 48)
    region = FreeRegion(x0, x1, y0, y1, 64, 48)
    block, engine = Block(0, numbered(scene.rows), {}), card()
    (count,) = planes(engine, task_of(COUNT, region, scene.rows), block)
    np.testing.assert_array_equal(count.cells, grids["count"])
    for accumulators, name in ((MIN, "min"), (MAX, "max")):
        _, valid, found = planes(engine, task_of(accumulators, region, scene.rows), block)
        np.testing.assert_array_equal(np.where(valid.cells > 0, found.cells, np.nan), grids[name])
    task = Task(region, COUNT, "x", "y", ROWS, category="c", categories=16)
    by = planes(engine, task, block)
    np.testing.assert_array_equal(np.stack([plane.cells for plane in by], axis=-1), grids["by"])


@pytest.fixture
def columns() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(5)
    return {
        "x": (rng.normal(size=ROWS) * 3).astype("f4"),
        "y": rng.normal(size=ROWS) * 3 + 4,
        "v": rng.normal(size=ROWS).astype("f4"),
        "c": rng.integers(0, 5, ROWS).astype(np.int32),
        ROW_NUMBER: rng.permutation(ROWS),
    }


@pytest.mark.parametrize("exponent", [-60, -30, -12, 0, 20, 40, 70])
def test_every_level_is_exact_also_where_lattice_integers_end(columns: Columns, exponent: int) -> None:
    middle = [float(np.floor(np.ldexp(np.float64(columns[name][7]), -exponent))) for name in "xy"]
    region = LatticeRegion(exponent, middle[0] - 60, exponent, middle[1] - 60, 128, 128)
    task = task_of(COUNT, region, columns)
    block = Block(0, columns, {})
    ours, theirs = planes(card(), task, block), planes(CpuEngine(), task, block)
    assert theirs[0].cells.sum() > 0
    assert_equal(task, ours, theirs, columns)


@pytest.mark.parametrize("far", [1.0, 1e300], ids=["integers", "numbers"])
def test_numbers_that_scale_to_nothing_keep_their_side_of_zero(far: float) -> None:
    x = np.array([-5e-324, -0.0, 5e-324, -1e-310, far])
    columns = {"x": x, "y": x}
    task = task_of(COUNT, LatticeRegion(3, -4.0, 3, -4.0, 8, 8), columns)
    ours, theirs = planes(card(), task, Block(0, columns, {})), planes(CpuEngine(), task, Block(0, columns, {}))
    assert ours[0].cells[3, 3] == 2
    assert_equal(task, ours, theirs, columns)


def test_rows_that_lie_nowhere_stay_out_of_the_widest_region() -> None:
    x = np.array([0.0, 1.0, np.nan, np.inf, -np.inf])
    columns = {"x": x, "y": np.zeros(5)}
    for exponent in (-1, 0, 1, 2):
        region = LatticeRegion(exponent, -256.0, exponent, -256.0, 512, 512)
        (plane,) = planes(card(), task_of(COUNT, region, columns), Block(0, columns, {}))
        assert plane.cells.sum() == 2


@pytest.mark.parametrize("accumulators", GATHERED)
def test_rows_without_coordinates_or_values_are_left_out(columns: Columns, accumulators: Accumulators) -> None:
    rng = np.random.default_rng(6)
    whole = {**columns, "x": rng.integers(-300, 300, ROWS), "v": rng.integers(-(2**62), 2**62, ROWS)}
    valid = {name: rng.random(ROWS) < 0.7 for name in ("x", "v")}
    for name, mask in valid.items():
        whole[name] = np.where(mask, whole[name], 0)
    for region in (LatticeRegion(0, -256.0, -4, -64.0, 512, 256), FreeRegion(-200.5, 99.0, -2.0, 8.0, 33, 21)):
        task = task_of(accumulators, region, whole)
        block = Block(0, whole, valid)
        assert_equal(task, planes(card(), task, block), planes(CpuEngine(), task, block), whole)


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"])
@pytest.mark.parametrize("accumulators", [SUM, MIN, MAX, SQUARES])
def test_every_stored_type_can_be_an_axis_and_a_value(dtype: str, accumulators: Accumulators) -> None:
    values = np.array([1, 2, 100, 2, 1], dtype)
    rows = {"x": values, "y": values, "v": values}
    task = Task(LATTICE, accumulators, "x", "y", 5, value="v", value_dtype=values.dtype)
    block = Block(0, rows, {})
    assert_equal(task, planes(card(), task, block), planes(CpuEngine(), task, block), rows)


@pytest.mark.parametrize(
    "values", [[np.inf, 1.0], [-np.inf, np.inf], [3e38, 3e38, 3e38], [-0.0, 5e-324], [1e-45, -1e-45]]
)
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_sums_and_extremes_of_odd_numbers(values: list[float], dtype: str) -> None:
    with np.errstate(over="ignore"):
        found = np.array(values, np.float64).astype(dtype)
    rows = {"x": np.ones(len(found)), "y": np.ones(len(found)), "v": found}
    block = Block(0, rows, {})
    for accumulators in (SUM, MIN, MAX):
        task = Task(LATTICE, accumulators, "x", "y", 5, value="v", value_dtype=found.dtype)
        ours, theirs = planes(card(), task, block), planes(CpuEngine(), task, block)
        np.testing.assert_array_equal(ours[2].cells, theirs[2].cells)


@pytest.mark.parametrize("front", [[0.0] * 16, [0.0], [1e9]], ids=["zeros", "zero", "outlier"])
def test_squares_do_not_depend_on_which_values_come_first(front: list[float]) -> None:
    values = np.concatenate([front, np.full(30_000, 0.1), np.arange(5.0, 45.0)])
    rows = {"x": np.ones(len(values)), "y": np.ones(len(values)), "v": values}
    *_, found = planes(card(), task_of(SQUARES, LATTICE, rows), Block(0, rows, {}))
    np.testing.assert_allclose(found.cells.max(), values.var() * len(values), rtol=1e-10)


def test_more_rows_than_a_uint32_counts_get_wider_cells(columns: Columns) -> None:
    for accumulators in GATHERED:
        task = task_of(accumulators, LATTICE, columns, rows=2**32)
        block = Block(0, columns, {})
        ours, theirs = planes(card(), task, block), planes(CpuEngine(), task, block)
        assert ours[0].cells.dtype == np.uint64
        assert_equal(task, ours, theirs, columns)


def test_nothing_is_read_of_blocks_that_cannot_matter(columns: Columns) -> None:
    engine = card()
    device = engine.device
    assert isinstance(device, HostDevice)
    task = task_of(COUNT, LatticeRegion(-4, 1e6, -4, 1e6, 64, 64), columns)
    (plane,) = planes(engine, task, Block(0, columns, {}), Block(0, {"x": np.zeros(0), "y": np.zeros(0)}, {}))
    assert not plane.cells.any()
    assert "count" not in [kernel for kernel, _, _ in device.launched]


def test_without_rows_every_cell_is_zero_whatever_the_memory_held(columns: Columns) -> None:
    for accumulators in GATHERED:
        for plane in planes(card(), task_of(accumulators, LATTICE, columns)):
            assert not plane.cells.any()


def test_columns_without_a_finite_number_lie_nowhere(columns: Columns) -> None:
    infinite = {**columns, "x": np.full(ROWS, np.nan, np.float32), "y": np.full(ROWS, np.inf)}
    (plane,) = planes(card(), task_of(COUNT, LATTICE, columns), Block(0, infinite, {}))
    assert not plane.cells.any()


def test_a_version_is_brought_once_and_what_may_not_be_kept_each_time(columns: Columns) -> None:
    engine = card()
    device = engine.device
    assert isinstance(device, HostDevice)
    task = task_of(SUM, LATTICE, columns)
    kept = Block(0, columns, {}, "version")
    planes(engine, task, kept)
    first = device.uploaded
    planes(engine, task, kept)
    assert device.uploaded - first < 1000
    planes(engine, task, Block(0, columns, {}))
    assert device.uploaded - first > ROWS * 4


def test_versions_and_blocks_are_told_apart(columns: Columns) -> None:
    engine = card()
    task = task_of(COUNT, LATTICE, columns)
    moved = {**columns, "x": columns["x"] + 1}
    for version, start, rows in (("a", 0, columns), ("b", 0, moved), ("a", ROWS, moved)):
        block = Block(start, rows, {}, version)
        assert_equal(task, planes(engine, task, block), planes(CpuEngine(), task, block), columns)


def test_a_budget_too_small_for_the_table_changes_nothing_but_the_time(columns: Columns) -> None:
    engine = card(100_000)
    blocks = [
        Block(start, {name: values[start : start + 1000] for name, values in columns.items()}, {}, "version")
        for start in range(0, ROWS, 1000)
    ]
    for accumulators in GATHERED:
        task = task_of(accumulators, LATTICE, columns)
        assert_equal(task, planes(engine, task, *blocks), planes(CpuEngine(), task, *blocks), columns)
    assert 0 < engine.cache.bytes <= 100_000


class Driver:
    """Refuses allocations as a driver would: those from the `after`-th on, `times` of them."""

    def __init__(self, error: EngineError, after: int, times: int = 10**9) -> None:
        self.error, self.after, self.times, self.asked = error, after, times, 0

    def __call__(self, size: int) -> None:
        self.asked += 1
        if self.after <= self.asked < self.after + self.times:
            raise self.error


def test_room_is_made_before_a_task_is_refused(columns: Columns) -> None:
    full = EngineError("out_of_memory", "no room")
    for after in range(1, 14):
        driver = Driver(full, after, times=1)
        engine = card(gate=driver)
        device = engine.device
        assert isinstance(device, HostDevice)
        task = task_of(SUM, LATTICE, columns)
        block = Block(0, columns, {}, "version")
        assert_equal(task, planes(engine, task, block), planes(CpuEngine(), task, block), columns)
        assert device.trims == (driver.asked > after)


@pytest.mark.parametrize("reason", ["out_of_memory", "card_lost"])
def test_a_driver_that_fails_for_good_is_told_whenever_it_happens(
    columns: Columns,
    reason: Any,  # noqa: ANN401 - a literal
) -> None:
    task = task_of(SUM, LATTICE, columns)
    for after in range(1, 12):
        engine = card(gate=Driver(EngineError(reason, "driver"), after))
        with pytest.raises(EngineError) as caught:
            planes(engine, task, Block(0, columns, {}, "version"))
        assert caught.value.reason == reason


def test_a_failure_is_not_remembered_as_data(columns: Columns) -> None:
    driver = Driver(EngineError("out_of_memory", "no room"), 5)
    engine = card(gate=driver)
    task, block = task_of(SUM, LATTICE, columns), Block(0, columns, {}, "version")
    with pytest.raises(EngineError):
        planes(engine, task, block)
    driver.times = 0
    assert_equal(task, planes(engine, task, block), planes(CpuEngine(), task, block), columns)


def test_more_cells_than_kernels_can_number_are_refused_before_memory_is_taken() -> None:
    engine = card()
    with pytest.raises(EngineError):
        engine.open(Task(LatticeRegion(0, 0.0, 0, 0.0, 2**16, 2**15), COUNT, "x", "y", 1))


def test_a_picture_that_was_given_up_is_not_begun(columns: Columns) -> None:
    engine, cancel = card(), Cancel()
    device = engine.device
    assert isinstance(device, HostDevice)
    canvas = engine.open(task_of(COUNT, LATTICE, columns))
    canvas.add(Block(0, columns, {}), cancel)
    cancel.set()
    with pytest.raises(HalftoneError) as caught:
        canvas.add(Block(0, columns, {}), cancel)
    assert caught.value.code is ErrorCode.CANCELLED
    assert "count" not in [kernel for kernel, _, _ in device.launched]


def test_views_of_many_threads_do_not_mix(columns: Columns) -> None:
    engine = card()
    block = Block(0, columns, {}, "version")
    regions = [LatticeRegion(-4, float(left), -4, 0.0, 64, 64) for left in range(-128, 128, 16)]
    found: dict[int, list[Plane]] = {}

    def draw(index: int) -> None:
        found[index] = planes(engine, task_of(COUNT, regions[index], columns), block)

    in_threads([partial(draw, index) for index in range(len(regions))])
    for index, task in enumerate(task_of(COUNT, region, columns) for region in regions):
        assert_equal(task, found[index], planes(CpuEngine(), task, block), columns)


def test_close_gives_everything_back(columns: Columns) -> None:
    engine = card()
    planes(engine, task_of(COUNT, LATTICE, columns), Block(0, columns, {}, "version"))
    assert engine.cache.bytes > 0
    engine.close()
    assert engine.cache.bytes == 0


def test_the_conformance_of_free_regions_reaches_the_closed_edge() -> None:
    rows = {"x": np.array([FREE.x0, FREE.x1]), "y": np.array([FREE.y0, FREE.y1])}
    (plane,) = planes(card(), task_of(COUNT, FREE, rows), Block(0, rows, {}))
    assert plane.cells[0, 0] == plane.cells[-1, -1] == 1


def test_the_numbers_of_rows_may_come_in_any_order_and_in_several_launches(columns: Columns) -> None:
    task = task_of(EVERYTHING, LATTICE, columns)
    # More blocks than wait for one launch.
    assert_equal(
        task, run(card(), task, dict(columns), block=150), planes(CpuEngine(), task, Block(0, columns, {})), columns
    )


@pytest.mark.parametrize("reason", ["out_of_memory", "card_lost"])
def test_a_card_that_fails_in_the_middle_of_a_picture_costs_nobody_a_cell(
    columns: Columns,
    reason: Any,  # noqa: ANN401 - a literal
) -> None:
    version = MemoryVersion(VERSION, dict(columns), {"c": "category"}, block_rows=1000)
    place = Address(-3, -1, -3, -1)
    driver = Driver(EngineError(reason, "driver"), after=90)
    renderer = Renderer(Engines(card(gate=driver), CpuEngine()), 1 << 30)
    for expected in ("gpu", "cpu", "gpu" if reason == "out_of_memory" else "cpu"):
        driver.asked, driver.times = (0, 10**9 if expected == "cpu" else 0)
        pieces: list[compute_pb2.EncodedPiece] = []
        job = RenderJob(GRANT, version, plan_of("sum"), {b"1": place})
        receipt = renderer.render(job, Cancel(), pieces.append)
        assert receipt.backend == expected
        assert receipt.degraded == ("" if expected == "gpu" else reason)
        found = decode_piece(pieces[0].piece).planes
        task = task_of(SUM, LatticeRegion(-3, -256.0, -3, -256.0, 256, 256), columns)
        for mine, other in zip(found, planes(CpuEngine(), task, Block(0, columns, {})), strict=True):
            np.testing.assert_allclose(mine.cells, other.cells, rtol=1e-6, atol=1e-12)
    assert driver.asked < 90 or reason == "out_of_memory"
