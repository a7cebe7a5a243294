"""Entries of a launch: which way to a cell a block takes, and what is left out."""

import numpy as np
import pytest
from compute_rig.conformance import COUNT, FIRST, SUM
from compute_rig.host_device import HostDevice, HostMemory
from halftone_compute.backends.base import FreeRegion, LatticeRegion, Task
from halftone_compute.backends.card.batch import WORK, Work
from halftone_compute.backends.card.column_cache import ColumnCache
from halftone_compute.backends.card.held import HeldPlanes, aim_of
from halftone_compute.backends.card.planes import layout_of
from halftone_compute.backends.card.work import works_of
from halftone_compute.store.base import ROW_NUMBER, Block

FLAT, LATTICE, CELLS_F32, CELLS_F64, VIEW_F32, VIEW_F64 = range(6)
COLUMNS: dict[str, np.ndarray] = {
    "x": np.linspace(-8, 8, 40, dtype=np.float32),
    "y": np.linspace(0, 1e6, 40),
    "v": np.arange(40),
    "c": np.zeros(40, np.int32),
    ROW_NUMBER: np.arange(40),
}


def works(task: Task, cache: ColumnCache[HostMemory] | None = None) -> list[Work]:
    cache = ColumnCache(HostDevice(), 1 << 20) if cache is None else cache
    layout, size = layout_of(task)
    memory = cache.allocate(size)
    held = HeldPlanes(memory, layout, size, aim_of(task, layout, cache.device.address(memory)))
    return works_of(held, Block(0, COLUMNS, {"v": np.ones(40, np.bool_)}), cache)


def work(task: Task, cache: ColumnCache[HostMemory] | None = None) -> Work | None:
    """The only work, if there is one."""
    made = works(task, cache)
    assert len(made) < 2
    return made[0] if made else None


def entry(made: Work | None) -> np.ndarray:
    """The one record of a work."""
    assert made is not None
    return np.frombuffer(made.entry, WORK)


def region(ex: int, ey: int, first: float = -4.0, cells: int = 8) -> LatticeRegion:
    return LatticeRegion(ex, first, ey, first, cells, cells)


@pytest.mark.parametrize(
    ("where", "kinds"),
    [
        (region(0, 17), (LATTICE, LATTICE)),
        # Cells so small that only the number of row 0 lies near.
        (LatticeRegion(-60, -(2.0**63), 17, 0.0, 8, 8), (CELLS_F32, LATTICE)),
        (region(0, 60), (LATTICE, CELLS_F64)),
        (FreeRegion(0.0, 1.0, 0.0, 1e5, 8, 8), (VIEW_F32, VIEW_F64)),
    ],
)
def test_lattice_integers_serve_wherever_they_reach(where: LatticeRegion | FreeRegion, kinds: tuple[int, int]) -> None:
    made = entry(work(Task(where, COUNT, "x", "y", 40)))
    assert (made["x"]["kind"][0], made["y"]["kind"][0]) == kinds


def test_bins_have_one_cell_on_y() -> None:
    made = entry(work(Task(LatticeRegion(0, -4.0, 0, 0.0, 8, 1), COUNT, "x", None, 40)))
    assert (made["y"]["kind"][0], made["y"]["cells"][0]) == (FLAT, 1)


@pytest.mark.parametrize("where", [region(0, 17, first=100.0), LatticeRegion(0, -4.0, 17, 100.0, 8, 8)])
def test_a_block_that_lies_elsewhere_makes_no_work(where: LatticeRegion) -> None:
    assert work(Task(where, COUNT, "x", "y", 40)) is None


def test_work_holds_what_it_points_at_and_knows_its_size() -> None:
    made = work(Task(region(0, 17), SUM, "x", "y", 40, value="v", value_dtype=np.dtype(np.int64)))
    assert made is not None
    assert made.kernel == "total_i64"
    assert made.rows == 48
    # Planes, two axes, values with their mask.
    assert len(made.holds) == 4
    assert made.size == 2 * (4 * 48 + 8) + 9 * 48
    for name in ("values", "valid", "counts", "valids", "found"):
        assert entry(made)[name][0]
    for name in ("codes", "numbers", "pivots", "squares"):
        assert not entry(made)[name][0]


def test_which_row_comes_first_takes_two_kernels_and_the_numbers_of_rows() -> None:
    task = Task(
        region(0, 17), FIRST, "x", "y", 40, value="v", value_dtype=np.dtype(np.int64), category="c", categories=2
    )
    first, second = works(task)
    assert (first.kernel, second.kernel) == ("outermost_i64", "chosen_i64")
    assert first.entry == second.entry
    assert all(entry(first)[name][0] for name in ("values", "valid", "codes", "numbers", "pivots", "found"))
