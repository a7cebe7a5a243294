"""What a task says of itself, and the flag that stops it."""

import math
import threading

import numpy as np
import pytest
from compute_rig.conformance import COUNT, EARLIEST, EVERYTHING, LATEST, SUM
from halftone.v1 import compute_pb2
from halftone_compute.backends.base import WIDE_ROWS, Cancel, FreeRegion, LatticeRegion, Task, order_of, ordered
from halftone_compute.store.base import Block
from halftone_servicekit.errors import ErrorCode, HalftoneError

LATTICE = LatticeRegion(-2, 256.0, 3, -512.0, 512, 256)


@pytest.mark.parametrize("region", [LATTICE, FreeRegion(0.0, 1.0, 0.0, 1.0, 512, 256)])
def test_cells_are_those_of_the_region(region: LatticeRegion | FreeRegion) -> None:
    assert Task(region, COUNT, "x", "y", 1).cells == 512 * 256


@pytest.mark.parametrize(("rows", "dtype"), [(0, "u4"), (WIDE_ROWS - 1, "u4"), (WIDE_ROWS, "u8")])
def test_a_count_holds_as_many_rows_as_there_are(rows: int, dtype: str) -> None:
    task = Task(LATTICE, COUNT, "x", "y", rows)
    assert task.count_dtype == np.dtype(dtype)
    assert np.iinfo(task.count_dtype).max >= rows


def test_each_column_is_read_once_in_the_order_of_use() -> None:
    assert Task(LATTICE, COUNT, "x", None, 1).columns == ("x",)
    assert Task(LATTICE, COUNT, "x", "x", 1).columns == ("x",)
    assert Task(LATTICE, SUM, "x", "y", 1, value="x").columns == ("x", "y")
    assert Task(LATTICE, COUNT, "b", "a", 1, value="v", category="c").columns == ("b", "a", "v", "c")


def test_what_is_gathered_of_the_value_leaves_out_the_counts() -> None:
    assert Task(LATTICE, COUNT, "x", "y", 1).of_value == ()
    assert Task(LATTICE, SUM[:2], "x", "y", 1, value="v").of_value == ()
    assert Task(LATTICE, SUM, "x", "y", 1, value="v").of_value == (compute_pb2.ACCUMULATOR_ADD,)
    assert Task(LATTICE, EVERYTHING, "x", "y", 1, value="v").of_value == EVERYTHING[2:]


def test_the_share_that_is_done_never_falls() -> None:
    cancel = Cancel()
    shares = []
    for share in (0.5, 0.25, 0.75):
        cancel.advance(share)
        shares.append(cancel.share)
    assert shares == [0.5, 0.5, 0.75]


def test_a_part_of_the_work_advances_its_part_of_the_whole() -> None:
    cancel = Cancel()
    first, second = cancel.part(0.0, 0.5), cancel.part(0.5, 1.0)
    first.advance(0.5)
    assert (first.share, cancel.share) == (0.5, 0.25)
    second.advance(0.5)
    assert (second.share, cancel.share) == (0.5, 0.75)
    second.part(0.5, 1.0).advance(1.0)
    assert (second.share, cancel.share) == (1.0, 1.0)


def test_a_part_of_the_work_ends_with_the_whole() -> None:
    cancel = Cancel()
    part = cancel.part(0.0, 0.5)
    part.check()
    cancel.set()
    assert part.is_set
    with pytest.raises(HalftoneError):
        part.check()


def test_a_flag_set_in_another_thread_is_seen_and_stays() -> None:
    cancel = Cancel()
    cancel.check()
    setter = threading.Thread(target=cancel.set)
    setter.start()
    setter.join()
    for _ in range(2):
        with pytest.raises(HalftoneError) as caught:
            cancel.check()
        assert caught.value.code is ErrorCode.CANCELLED


def test_orders_on_x_ascend_with_it_or_fall_and_are_never_none() -> None:
    x = np.array([-math.inf, -(2.0**1000), -1.5, -5e-324, -0.0, 0.0, 5e-324, 1.0, 2.0**1000, math.inf])
    made = ordered(Block(0, {"x": x}, {}), "x").values
    early, late = (made[order_of(each[-1], "x") or ""] for each in (EARLIEST, LATEST))
    for orders in (early[::-1], late):
        assert orders.dtype == np.uint64
        assert orders.min() > 0
        np.testing.assert_array_equal(orders[1:] > orders[:-1], x[1:] > x[:-1])


def test_a_task_names_the_orders_that_it_reads() -> None:
    assert Task(LATTICE, SUM, "x", "y", 1, value="v").orders == ()
    assert len(Task(LATTICE, EVERYTHING, "x", "y", 1, value="v").orders) == 3
