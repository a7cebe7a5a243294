"""What every backend must do. A test class inherits this and gives `backend`.

Integer planes are compared with exact arithmetic in NumPy, float sums within 1e-6 of the values' absolute sum.
"""

from __future__ import annotations

import math
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pytest
from halftone.v1 import compute_pb2, frame_pb2
from halftone_compute.backends.base import Cancel, FreeRegion, LatticeRegion, Task, numbered, order_of, ordered
from halftone_compute.store.base import ROW_NUMBER, Block
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_views.codes import EARLIEST_AT, FIRST_ROW, LAST_ROW, LATEST_AT
from halftone_views.plan import ROLES

from compute_rig.cells import Region, at_end, counted, outermost, place, squares
from compute_rig.waiting import cpu_seconds

if TYPE_CHECKING:
    from halftone_compute.backends.base import Engine
    from halftone_wire import Plane

Accumulators: TypeAlias = "tuple[compute_pb2.Accumulator.ValueType, ...]"

COUNT: Accumulators = (compute_pb2.ACCUMULATOR_COUNT,)
_VALUED = (compute_pb2.ACCUMULATOR_COUNT, compute_pb2.ACCUMULATOR_VALID)
SUM: Accumulators = (*_VALUED, compute_pb2.ACCUMULATOR_ADD)
MIN: Accumulators = (*_VALUED, compute_pb2.ACCUMULATOR_MIN)
MAX: Accumulators = (*_VALUED, compute_pb2.ACCUMULATOR_MAX)
SQUARES: Accumulators = (*_VALUED, compute_pb2.ACCUMULATOR_MOMENTS)
FIRST: Accumulators = (*_VALUED, compute_pb2.ACCUMULATOR_FIRST)
LAST: Accumulators = (*_VALUED, compute_pb2.ACCUMULATOR_LAST)
EARLIEST: Accumulators = (*_VALUED, compute_pb2.ACCUMULATOR_EARLIEST)
LATEST: Accumulators = (*_VALUED, compute_pb2.ACCUMULATOR_LATEST)
EXTREMES: Accumulators = (*MIN, compute_pb2.ACCUMULATOR_MAX)
EVERYTHING: Accumulators = (*SUM, *EXTREMES[2:], compute_pb2.ACCUMULATOR_MOMENTS, FIRST[-1], LAST[-1])
EVERYTHING += (EARLIEST[-1], LATEST[-1])

ROWS = 20_000
LATTICE = LatticeRegion(ex=-4, first_x=-256.0, ey=-5, first_y=0.0, width=512, height=256)
FREE = FreeRegion(-3.0, 5.0, 0.25, 7.0, 37, 23)
# With some fifty rows in a cell.
COARSE = LatticeRegion(ex=0, first_x=-8.0, ey=0, first_y=0.0, width=16, height=8)
REGIONS = pytest.mark.parametrize("region", [LATTICE, FREE], ids=["lattice", "free"])


class EngineConformance:
    """Inherit, and give a fixture `backend`. `cancel_rows`: rows of a block that the engine handles within 50 ms."""

    cancel_rows = 1_000_000

    @pytest.fixture
    def columns(self) -> dict[str, np.ndarray]:
        rng = np.random.default_rng(7)
        v = rng.normal(size=ROWS).astype("f4")
        v[::10] = np.nan
        return {
            "x": (rng.integers(-400, 400, ROWS) / 32).astype("f4"),
            "y": rng.integers(-64, 1024, ROWS) / 64,
            "v": v,
            # Squares of these about zero differ in digits that float64 does not have.
            "far": 1e6 + rng.normal(size=ROWS) * 1e-2,
            "i": rng.integers(-(2**62), 2**62, ROWS),
            "c": rng.integers(0, 5, ROWS).astype(np.int32),
            # Rows that an index has put into another order than the file's.
            ROW_NUMBER: rng.permutation(ROWS),
        }

    @REGIONS
    def test_count(self, backend: Engine, columns: dict[str, np.ndarray], region: Region) -> None:
        (plane,) = run(backend, Task(region, COUNT, "x", "y", ROWS), columns)
        inside, at = place(region, columns)
        np.testing.assert_array_equal(plane.cells, counted(region, at[inside]))

    @REGIONS
    def test_categories(self, backend: Engine, columns: dict[str, np.ndarray], region: Region) -> None:
        inside, at = place(region, columns)
        for other in (False, True):
            task = Task(region, COUNT, "x", "y", ROWS, category="c", categories=3, other=other)
            planes = run(backend, task, columns)
            assert [plane.category for plane in planes] == [0, 1, 2]
            for plane in planes:
                same = columns["c"] >= 2 if other and plane.category == 2 else columns["c"] == plane.category
                np.testing.assert_array_equal(plane.cells, counted(region, at[inside & same]))

    @REGIONS
    @pytest.mark.parametrize("accumulators", [MIN, MAX], ids=["min", "max"])
    def test_extremes(
        self, backend: Engine, columns: dict[str, np.ndarray], region: Region, accumulators: Accumulators
    ) -> None:
        count, valid, found = run(backend, valued(region, accumulators, "v", columns), columns)
        inside, at = place(region, columns)
        has = inside & ~np.isnan(columns["v"])
        np.testing.assert_array_equal(count.cells, counted(region, at[inside]))
        np.testing.assert_array_equal(valid.cells, counted(region, at[has]))
        neutral = np.inf if accumulators == MIN else -np.inf
        expected = np.full(region.width * region.height, neutral)
        pick = np.minimum if accumulators == MIN else np.maximum
        pick.at(expected, at[has], columns["v"][has])
        expected[np.isinf(expected)] = 0
        np.testing.assert_array_equal(found.cells.reshape(-1), expected)
        assert found.cells.dtype == np.float32

    @REGIONS
    def test_extremes_of_wide_integers_are_exact(
        self, backend: Engine, columns: dict[str, np.ndarray], region: Region
    ) -> None:
        *_, found = run(backend, valued(region, MAX, "i", columns), columns)
        inside, at = place(region, columns)
        expected = np.full(region.width * region.height, np.iinfo(np.int64).min)
        np.maximum.at(expected, at[inside], columns["i"][inside])
        expected[expected == np.iinfo(np.int64).min] = 0
        np.testing.assert_array_equal(found.cells.reshape(-1), expected)

    @REGIONS
    @pytest.mark.parametrize("value", ["v", "i"])
    @pytest.mark.parametrize("accumulators", [FIRST, LAST], ids=["first", "last"])
    def test_which_row_comes_first_in_the_file_is_said_by_its_number(
        self, backend: Engine, columns: dict[str, np.ndarray], region: Region, accumulators: Accumulators, value: str
    ) -> None:
        count, valid, found = run(backend, valued(region, accumulators, value, columns), columns, block=777)
        inside, at = place(region, columns)
        has = inside & np.isfinite(columns[value])
        np.testing.assert_array_equal(count.cells, counted(region, at[inside]))
        np.testing.assert_array_equal(valid.cells, counted(region, at[has]))
        np.testing.assert_array_equal(found.cells, outermost(region, at, has, columns, value, accumulators == LAST))
        assert found.cells.dtype == columns[value].dtype

    @REGIONS
    @pytest.mark.parametrize("accumulators", [(*FIRST, FIRST_ROW), (*LAST, LAST_ROW)], ids=["first", "last"])
    def test_the_number_of_that_row_is_a_plane_of_its_own(
        self, backend: Engine, columns: dict[str, np.ndarray], region: Region, accumulators: Accumulators
    ) -> None:
        inside, at = place(region, columns)
        has = np.isfinite(columns["v"])
        block = Block(0, {**columns, numbered("v"): columns[ROW_NUMBER]}, {numbered("v"): has})
        task = replace(valued(region, accumulators, "v", columns), category="c", categories=3)
        groups = [*(columns["c"] == code for code in range(3)), inside]
        for plane, group in zip(planes(backend, task, block)[-4:], groups, strict=True):
            expected = outermost(region, at, inside & has & group, columns, ROW_NUMBER, accumulators[-1] == LAST_ROW)
            np.testing.assert_array_equal(plane.cells, expected)
            assert plane.role == ROLES[accumulators[-1]]

    @REGIONS
    @pytest.mark.parametrize("value", ["v", "i", "c"])
    @pytest.mark.parametrize("accumulators", [EARLIEST, LATEST], ids=["earliest", "latest"])
    def test_what_lies_at_the_ends_of_x_may_be_missing(
        self, backend: Engine, columns: dict[str, np.ndarray], region: Region, accumulators: Accumulators, value: str
    ) -> None:
        count, valid, found = run(backend, valued(region, accumulators, value, columns), columns, block=777)
        inside, at = place(region, columns)
        has = inside & np.isfinite(columns[value])
        np.testing.assert_array_equal(count.cells, counted(region, at[inside]))
        np.testing.assert_array_equal(valid.cells, counted(region, at[has]))
        expected, _ = at_end(region, at, inside, columns, value, accumulators == LATEST)
        np.testing.assert_array_equal(found.cells, expected)
        assert found.cells.dtype == np.float64
        assert np.isnan(found.cells).any() == (value == "v")

    @REGIONS
    @pytest.mark.parametrize(
        "accumulators", [(*EARLIEST, EARLIEST_AT), (*LATEST, LATEST_AT)], ids=["earliest", "latest"]
    )
    def test_how_far_out_on_x_these_lie_is_a_plane_of_its_own(
        self, backend: Engine, columns: dict[str, np.ndarray], region: Region, accumulators: Accumulators
    ) -> None:
        inside, at = place(region, columns)
        task = replace(valued(region, accumulators, "v", columns), category="c", categories=3)
        groups = [*(columns["c"] == code for code in range(3)), np.ones(ROWS, bool)]
        orders = ordered(Block(0, columns, {}), "x").values[order_of(accumulators[2], "x") or ""]
        for plane, group in zip(run(backend, task, columns, block=777)[-4:], groups, strict=True):
            _, rows = at_end(region, at, inside & group, columns, "v", accumulators[-1] == LATEST_AT)
            assert plane.role == ROLES[accumulators[-1]]
            assert plane.cells.dtype == np.uint64
            np.testing.assert_array_equal(plane.cells.reshape(-1), np.where(rows < 0, 0, orders[rows]))

    @REGIONS
    @pytest.mark.parametrize(
        "accumulators",
        [SUM, MIN, SQUARES, LAST, EARLIEST, EVERYTHING],
        ids=["sum", "min", "squares", "last", "earliest", "all"],
    )
    def test_by_category_is_what_the_rows_of_each_category_give(
        self, backend: Engine, columns: dict[str, np.ndarray], region: Region, accumulators: Accumulators
    ) -> None:
        for other in (False, True):
            task = replace(valued(region, accumulators, "v", columns), category="c", categories=3, other=other)
            found: dict[tuple[int, int], Plane] = {
                (plane.role, plane.category): plane for plane in run(backend, task, columns, block=7000)
            }
            assert len(found) == 3 + 4 * (len(accumulators) - 1)
            for category in range(4):
                # The fourth is of all rows together.
                same = columns["c"] == category if category < 3 else np.ones(ROWS, bool)
                if other and category == 2:
                    same = columns["c"] >= 2
                rows = {name: values[same] for name, values in columns.items()}
                alone = planes(backend, valued(region, accumulators, "v", columns), Block(0, rows, {}))
                assert_planes(found, alone, category, is_of_all=category == 3)

    def test_whole_sums_are_exact(self, backend: Engine, columns: dict[str, np.ndarray]) -> None:
        rng = np.random.default_rng(3)
        for dtype in (np.int64, np.uint64, np.uint8):
            most = min(2**48, np.iinfo(dtype).max)
            whole = {**columns, "v": rng.integers(0, most, ROWS).astype(dtype)}
            task = replace(valued(COARSE, SUM, "v", whole), whole_sums=True)
            *_, found = run(backend, task, whole, block=777)
            inside, at = place(COARSE, whole)
            expected = np.zeros(COARSE.width * COARSE.height, np.int64)
            np.add.at(expected, at[inside], whole["v"][inside].astype(np.int64))
            assert found.cells.dtype == np.int64
            np.testing.assert_array_equal(found.cells.reshape(-1), expected)

    @REGIONS
    def test_sum(self, backend: Engine, columns: dict[str, np.ndarray], region: Region) -> None:
        *_, found = run(backend, valued(region, SUM, "v", columns), columns)
        inside, at = place(region, columns)
        has = inside & ~np.isnan(columns["v"])
        cells = region.width * region.height
        values = columns["v"].astype(np.float64)
        expected = np.bincount(at[has], values[has], cells)
        bound = 1e-6 * np.bincount(at[has], np.abs(values[has]), cells)
        assert np.all(np.abs(found.cells.reshape(-1) - expected) <= bound)
        assert found.role == frame_pb2.PLANE_ROLE_SUM

    @REGIONS
    @pytest.mark.parametrize("value", ["v", "far"])
    def test_infinite_values_are_left_out(
        self, backend: Engine, columns: dict[str, np.ndarray], region: Region, value: str
    ) -> None:
        held, lacking = (columns[value].copy() for _ in range(2))
        held[::7], held[3::7], lacking[::7], lacking[3::7] = np.inf, -np.inf, np.nan, np.nan
        task = valued(region, EVERYTHING, value, columns)
        expected = run(backend, task, {**columns, value: lacking})
        for plane, other in zip(run(backend, task, {**columns, value: held}), expected, strict=True):
            np.testing.assert_array_equal(plane.cells, other.cells)

    @pytest.mark.parametrize("unit", [1e-306, 5e-324, 1e-310])
    def test_the_narrowest_ranges_have_cells(self, backend: Engine, unit: float) -> None:
        # 1e300 lies outside, however it is scaled.
        rows = {"x": np.array([0, 1, 2, -1, np.inf, np.nan]) * unit, "y": np.array([0.5, 0.5, 0.5, 0.5, 0.5, 0.5])}
        rows["x"][3] = 1e300
        free = FreeRegion(0.0, 2 * unit, 0.0, 1.0, 3, 1)
        exponent = math.frexp(unit)[1] - 1
        lattice = LatticeRegion(exponent, 0.0, 0, 0.0, 8, 1)
        for region, expected in ((free, [1, 1, 1]), (lattice, [1, 1, 1] if unit == 5e-324 else None)):
            (plane,) = planes(backend, Task(region, COUNT, "x", "y", 6), Block(0, rows, {}))
            assert plane.cells.sum() == 3
            if expected is not None:
                assert plane.cells[0, :3].tolist() == expected

    def test_what_lies_beyond_the_lattice_has_no_cell(self, backend: Engine) -> None:
        x = np.array([2.0**1000, math.nextafter(2.0**1000, 0), -(2.0**1000), math.nextafter(-(2.0**1000), -math.inf)])
        rows = {"x": x, "y": np.zeros(4)}
        tiles = LatticeRegion(993, -256.0, 0, 0.0, 512, 1)
        view = FreeRegion(-(2.0**1000), 2.0**1000, 0.0, 1.0, 3, 1)
        for region in (tiles, view):
            (plane,) = planes(backend, Task(region, COUNT, "x", "y", 4), Block(0, rows, {}))
            assert plane.cells.sum() == 2

    @pytest.mark.parametrize("region", [COARSE, FREE], ids=["lattice", "free"])
    @pytest.mark.parametrize("value", ["v", "far"])
    def test_squares(self, backend: Engine, columns: dict[str, np.ndarray], region: Region, value: str) -> None:
        task = valued(region, SQUARES, value, columns)
        count, valid, found = run(backend, task, columns, block=777)
        inside, at = place(region, columns)
        has = inside & ~np.isnan(columns[value])
        np.testing.assert_array_equal(count.cells, counted(region, at[inside]))
        np.testing.assert_array_equal(valid.cells, counted(region, at[has]))
        expected, bound = squares(region, at[has], columns[value][has].astype(np.float64))
        assert np.all(np.abs(found.cells.reshape(-1) - expected) <= bound)
        assert np.all(found.cells.reshape(-1)[expected == 0] == 0)
        assert found.role == frame_pb2.PLANE_ROLE_SQUARES
        assert found.cells.dtype == np.float64

    @REGIONS
    @pytest.mark.parametrize(
        "accumulators", [EXTREMES, EVERYTHING, EXTREMES[:2]], ids=["extremes", "everything", "valid"]
    )
    def test_several_accumulators_give_the_planes_of_each(
        self, backend: Engine, columns: dict[str, np.ndarray], region: Region, accumulators: Accumulators
    ) -> None:
        found = run(backend, valued(region, accumulators, "v", columns), columns, block=7000)
        assert [plane.role for plane in found] == [ROLES[accumulator] for accumulator in accumulators]
        for plane, accumulator in zip(found, accumulators, strict=True):
            alone = SUM if accumulator in SUM[:2] else (*SUM[:2], accumulator)
            task = valued(region, alone, "v", columns)
            expected = {other.role: other.cells for other in run(backend, task, columns, block=7000)}
            # Where threads add floats in any order, two sums are only nearly equal.
            near = 1e-6 if accumulator in (SUM[-1], SQUARES[-1]) else 0.0
            np.testing.assert_allclose(plane.cells, expected[plane.role], rtol=near, atol=1e-3 * near)
            assert plane.cells.dtype == expected[plane.role].dtype

    def test_needs_of_several_accumulators_are_those_of_each(
        self, backend: Engine, columns: dict[str, np.ndarray]
    ) -> None:
        both = backend.needs(valued(LATTICE, EXTREMES, "v", columns))
        assert both == sum(backend.needs(valued(LATTICE, alone, "v", columns)) for alone in (MIN, MAX))

    def test_bins_need_no_y(self, backend: Engine, columns: dict[str, np.ndarray]) -> None:
        region = LatticeRegion(-4, -256.0, 0, 0.0, 512, 1)
        (plane,) = run(backend, Task(region, COUNT, "x", None, ROWS), columns)
        cells = np.floor(columns["x"] * 16.0).astype(int) + 256
        expected = np.bincount(cells[(cells >= 0) & (cells < 512)], minlength=512)
        np.testing.assert_array_equal(plane.cells, expected[np.newaxis])

    def test_blocks_add_up(self, backend: Engine, columns: dict[str, np.ndarray]) -> None:
        task = Task(LATTICE, COUNT, "x", "y", ROWS)
        (whole,) = run(backend, task, columns)
        (parts,) = run(backend, task, columns, block=777)
        np.testing.assert_array_equal(whole.cells, parts.cells)

    def test_cancel_ends_it_within_the_time_of_a_block(self, backend: Engine) -> None:
        rng = np.random.default_rng(1)
        columns = {name: rng.random(self.cancel_rows) * 8 for name in "xy"}
        columns["c"] = rng.integers(0, 16, self.cancel_rows).astype(np.int32)
        task = Task(FREE, COUNT, "x", "y", 10**9, category="c", categories=16)
        backend.warm_up_free(Cancel())
        before = time.thread_time()
        backend.open(task).add(Block(0, columns, {}), Cancel())
        a_block = time.thread_time() - before
        canvas, cancel, ended = backend.open(task), Cancel(), []
        began, over = threading.Event(), threading.Event()

        def work() -> None:
            began.set()
            try:
                while True:
                    canvas.add(Block(0, columns, {}), cancel)
            except HalftoneError as error:
                ended.append((time.thread_time(), error.code))
            # The clock of a thread ends with it.
            over.wait()

        thread = threading.Thread(target=work)
        thread.start()
        began.wait()
        cancel.set()
        # Looked at after the flag is set: what the thread did before that counts for nothing.
        asked = cpu_seconds(thread)
        over.set()
        thread.join()
        (at, code) = ended[0]
        assert code is ErrorCode.CANCELLED
        # A busy machine is slower for both: 50 ms are asked only where a block takes less than half of that.
        assert at - asked < max(0.05, 2 * a_block)

    def test_needs_at_least_what_it_takes(self, backend: Engine) -> None:
        task = Task(LATTICE, COUNT, "x", "y", ROWS)
        assert backend.needs(task) >= 512 * 256 * 4


def run(backend: Engine, task: Task, columns: dict[str, np.ndarray], block: int = ROWS) -> list[Plane]:
    cuts = [slice(start, start + block) for start in range(0, ROWS, block)]
    return planes(
        backend, task, *(Block(cut.start, {name: values[cut] for name, values in columns.items()}, {}) for cut in cuts)
    )


def planes(backend: Engine, task: Task, *blocks: Block) -> list[Plane]:
    """One picture of these blocks."""
    canvas = backend.open(task)
    for block in blocks:
        canvas.add(ordered(block, task.x), Cancel())
    return canvas.planes()


def valued(region: Region, accumulators: Accumulators, value: str, columns: dict[str, np.ndarray]) -> Task:
    return Task(region, accumulators, "x", "y", ROWS, value=value, value_dtype=columns[value].dtype)


def assert_planes(
    found: dict[tuple[int, int], Plane], expected: list[Plane], category: int, *, is_of_all: bool
) -> None:
    """The planes of one category against those of its rows alone."""
    for plane in expected:
        role = frame_pb2.PLANE_ROLE_CATEGORY if plane.role == frame_pb2.PLANE_ROLE_COUNT else plane.role
        if is_of_all and role == frame_pb2.PLANE_ROLE_CATEGORY:
            continue
        ours = found[role, category].cells
        # Where threads add floats in any order, two sums are only nearly equal.
        near = 1e-6 if role in (frame_pb2.PLANE_ROLE_SUM, frame_pb2.PLANE_ROLE_SQUARES) else 0.0
        np.testing.assert_allclose(ours, plane.cells, rtol=near, atol=1e-3 * near)
        assert ours.dtype == plane.cells.dtype
