"""What joining takes beside what is asked for."""

from dataclasses import replace

import numpy as np
import pytest
from compute_rig.rows import plan_of
from halftone.v1 import compute_pb2, frame_pb2
from halftone_compute.backends.base import LatticeRegion, Task
from halftone_compute.render.joining import asked, joinable, types_of_task
from halftone_views.codes import EARLIEST_AT, FIRST_ROW, LAST_ROW, LATEST_AT, Accumulator
from halftone_views.kinds.line import EVERY
from halftone_views.plan import ROLES, planes_of
from halftone_wire import Plane

COUNT, VALID, ADD, MOMENTS = (
    compute_pb2.ACCUMULATOR_COUNT,
    compute_pb2.ACCUMULATOR_VALID,
    compute_pb2.ACCUMULATOR_ADD,
    compute_pb2.ACCUMULATOR_MOMENTS,
)


def test_deviations_take_sums_too() -> None:
    made = joinable(plan_of("std"))
    assert list(made.accumulators) == [COUNT, VALID, ADD, MOMENTS]


@pytest.mark.parametrize("reduction", ["count", "sum", "mean", "min", "max", "by"])
def test_others_gather_what_is_asked(reduction: str) -> None:
    plan, made = plan_of(reduction), joinable(plan_of(reduction))
    assert planes_of(made) == planes_of(plan)


@pytest.mark.parametrize(("reduction", "rows"), [("first", FIRST_ROW), ("last", LAST_ROW)])
def test_first_and_last_take_the_numbers_of_rows_which_no_piece_has(reduction: str, rows: Accumulator) -> None:
    plan = plan_of(reduction)
    made = joinable(plan)
    assert list(made.accumulators) == [*plan.accumulators, rows]
    task = Task(LatticeRegion(0, 0.0, 0, 0.0, 1, 1), tuple(made.accumulators), "x", "y", 1, value="v")
    assert types_of_task(replace(task, value_dtype=np.dtype("f4")))[ROLES[rows]] == np.int64
    assert rows not in compute_pb2.Accumulator.values()
    assert ROLES[rows] not in frame_pb2.PlaneRole.values()


def test_what_lies_at_the_ends_of_x_takes_its_order() -> None:
    made = joinable(compute_pb2.Plan(value="v", accumulators=EVERY.gathered()))
    assert list(made.accumulators) == [*EVERY.gathered(), EARLIEST_AT, LATEST_AT]
    task = Task(LatticeRegion(0, 0.0, 0, 0.0, 1, 1), tuple(made.accumulators), "x", "y", 1, value="v")
    types = types_of_task(replace(task, value_dtype=np.dtype("i8")))
    assert [types[ROLES[each]] for each in made.accumulators[-4:]] == [np.float64, np.float64, np.uint64, np.uint64]


def test_a_plan_of_an_earlier_gateway_is_the_same_question() -> None:
    earlier = plan_of("mean")
    earlier.ClearField("accumulators")
    earlier.aggregate = compute_pb2.AGGREGATE_SUM
    # It counts no category.
    earlier.category, earlier.category_planes = "c", 3
    assert joinable(earlier) == joinable(plan_of("sum"))


def test_only_what_a_plan_asks_for_is_given() -> None:
    joined = joinable(plan_of("std"))
    planes = [Plane(role, np.zeros(1), category) for role, category in planes_of(joined)]
    assert [plane.role for plane in asked(planes, plan_of("std"))] == [role for role, _ in planes_of(plan_of("std"))]
