"""What the import made tiles for, and in which types those of others are joined."""

import numpy as np
import pytest
from compute_rig.memory import MemoryVersion
from compute_rig.rows import GRANT, plan_of
from compute_rig.tokens import VERSION
from halftone.v1 import frame_pb2
from halftone_compute.render.background.tile_set import empty, is_count, types_of
from halftone_compute.render.job import RenderJob
from halftone_compute.render.joining import widened
from halftone_views.plan import planes_of
from halftone_wire import Plane, decode


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


def test_a_tile_without_rows_has_every_plane() -> None:
    plan = plan_of("mean", category="c", planes=3)
    piece = frame_pb2.Piece.FromString(empty(plan))
    assert [(plane.role, plane.category) for plane in piece.planes] == planes_of(plan)
    assert not any(decode(plane, 4, 4).any() for plane in piece.planes)
