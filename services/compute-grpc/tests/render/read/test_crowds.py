"""Rows at one point are joined to a picture unread. Pictures of them are tested with stored tiles."""

import numpy as np
import pytest
from halftone.v1 import compute_pb2, frame_pb2
from halftone_compute.backends.base import LatticeRegion, Task
from halftone_compute.render.read.crowds import with_crowds
from halftone_compute.store.index.leaves import Leaves
from halftone_wire import Plane

# The last leaf is not crowded; the second of the crowded ones lies outside of the region.
AT = np.array([1.5, 300.0, 1.25, 1.75, 2.5])
LEAVES = Leaves(
    np.arange(0, 6) * 70_000 - np.eye(6, dtype=int)[5] * 69_990, 5, "x", "y", {"x": (AT, AT), "y": (AT, AT)}
)
CROWDED = np.flatnonzero(LEAVES.crowded)
REGION = LatticeRegion(0, 0.0, 0, 0.0, 8, 4)
ROLES = (frame_pb2.PLANE_ROLE_COUNT, frame_pb2.PLANE_ROLE_VALID, frame_pb2.PLANE_ROLE_MIN)
TASK = Task(REGION, (compute_pb2.ACCUMULATOR_COUNT,), "x", "y", 10)


def planes(*cells: np.ndarray) -> list[Plane]:
    return [Plane(role, each) for role, each in zip(ROLES, cells, strict=False)]


def test_each_point_joins_its_cell() -> None:
    assert CROWDED.tolist() == [0, 1, 2, 3]
    before = np.full((4, 8), 2, np.uint32)
    (found,) = with_crowds(planes(before), TASK, LEAVES, planes(LEAVES.rows[CROWDED]), CROWDED)
    assert found.cells[1, 1] == 210_002
    assert found.cells.sum() == 210_000 + 2 * 32
    assert before.max() == 2


@pytest.mark.parametrize("chosen", [[0], [0, 2], [0, 1, 2, 3]])
def test_cells_with_several_points_take_the_least_of_all(chosen: list[int]) -> None:
    low = 2**53 + 1
    values = np.array([low + 4, 0, low + 2, low])
    crowds = planes(*(np.full(4, 7, np.uint64) for _ in "cv"), values)
    empty = planes(np.zeros((4, 8), np.uint32), np.zeros((4, 8), np.uint32), np.zeros((4, 8)))
    counts, _, least = with_crowds(empty, TASK, LEAVES, crowds, np.array(chosen))
    inside = [place for place in chosen if place != 1]
    assert counts.cells[1, 1] == 7 * len(inside)
    assert int(least.cells[1, 1]) == values[inside].min()
    assert least.cells.dtype == np.int64
    assert np.count_nonzero(least.cells) == 1


def test_points_outside_change_nothing() -> None:
    before = np.ones((4, 8), np.uint32)
    (found,) = with_crowds(planes(before), TASK, LEAVES, planes(LEAVES.rows[CROWDED]), np.array([1]))
    np.testing.assert_array_equal(found.cells, before)
