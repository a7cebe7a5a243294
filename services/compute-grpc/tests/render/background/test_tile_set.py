"""What a tile set gathers, and in which types."""

import numpy as np
import pytest
from compute_rig.memory import MemoryVersion
from compute_rig.rows import GRANT, plan_of
from compute_rig.tokens import VERSION
from halftone.v1 import compute_pb2, frame_pb2
from halftone_compute.render.background.tile_set import asked, empty, is_count, joinable, types_of, widened
from halftone_compute.render.job import RenderJob
from halftone_views.plan import planes_of
from halftone_wire import Plane, decode

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


@pytest.mark.parametrize(("reduction", "counts"), [("count", True), ("any", True), ("by", False), ("sum", False)])
def test_what_the_import_made_tiles_for(reduction: str, counts: bool) -> None:
    assert is_count(plan_of(reduction)) is counts


@pytest.mark.parametrize(
    ("dtype", "reduction", "wide"),
    [
        ("i2", "min", "i8"),
        ("u8", "max", "u8"),
        ("f4", "min", "f8"),
        ("i8", "sum", "i8"),
        ("f4", "sum", "f8"),
    ],
)
def test_narrow_planes_are_joined_in_the_type_that_holds_all(dtype: str, reduction: str, wide: str) -> None:
    values = {"x": np.zeros(2), "y": np.zeros(2), "v": np.ones(2, dtype)}
    plan = plan_of(reduction)
    types = types_of(RenderJob(GRANT, MemoryVersion(VERSION, values), plan, {}))
    (role,) = (role for role, _ in planes_of(plan)[2:])
    planes = widened([Plane(role, np.ones(1, np.uint8)), Plane(frame_pb2.PLANE_ROLE_COUNT, np.ones(1, "u1"))], types)
    assert [plane.cells.dtype for plane in planes] == [np.dtype(wide), np.dtype("u8")]


def test_only_what_a_plan_asks_for_is_given() -> None:
    joined = joinable(plan_of("std"))
    assert joined is not None
    planes = [Plane(role, np.zeros(1), category) for role, category in planes_of(joined)]
    assert [plane.role for plane in asked(planes, plan_of("std"))] == [role for role, _ in planes_of(plan_of("std"))]


def test_a_tile_without_rows_has_every_plane() -> None:
    plan = plan_of("mean", category="c", planes=3)
    piece = frame_pb2.Piece.FromString(empty(plan))
    assert [(plane.role, plane.category) for plane in piece.planes] == planes_of(plan)
    assert not any(decode(plane, 4, 4).any() for plane in piece.planes)
