"""What joining takes beside what is asked for."""

import numpy as np
import pytest
from compute_rig.rows import plan_of
from halftone.v1 import compute_pb2
from halftone_compute.render.joining import asked, joinable
from halftone_views.plan import planes_of
from halftone_wire import Plane

COUNT, VALID, ADD, MOMENTS = (
    compute_pb2.ACCUMULATOR_COUNT,
    compute_pb2.ACCUMULATOR_VALID,
    compute_pb2.ACCUMULATOR_ADD,
    compute_pb2.ACCUMULATOR_MOMENTS,
)


def test_deviations_take_sums_too() -> None:
    made = joinable(plan_of("std"))
    assert made is not None
    assert list(made.accumulators) == [COUNT, VALID, ADD, MOMENTS]


@pytest.mark.parametrize("reduction", ["count", "sum", "mean", "min", "max", "by"])
def test_others_gather_what_is_asked(reduction: str) -> None:
    plan, made = plan_of(reduction), joinable(plan_of(reduction))
    assert made is not None
    assert planes_of(made) == planes_of(plan)


@pytest.mark.parametrize("reduction", ["first", "last"])
def test_the_outermost_rows_can_not_be_joined(reduction: str) -> None:
    assert joinable(plan_of(reduction)) is None


def test_a_plan_of_an_earlier_gateway_is_the_same_question() -> None:
    earlier = plan_of("mean")
    earlier.ClearField("accumulators")
    earlier.aggregate = compute_pb2.AGGREGATE_SUM
    # It counts no category.
    earlier.category, earlier.category_planes = "c", 3
    assert joinable(earlier) == joinable(plan_of("sum"))


def test_only_what_a_plan_asks_for_is_given() -> None:
    joined = joinable(plan_of("std"))
    assert joined is not None
    planes = [Plane(role, np.zeros(1), category) for role, category in planes_of(joined)]
    assert [plane.role for plane in asked(planes, plan_of("std"))] == [role for role, _ in planes_of(plan_of("std"))]
