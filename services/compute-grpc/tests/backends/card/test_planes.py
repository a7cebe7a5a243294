"""Where planes lie, and what they say at the end."""

from dataclasses import replace

import numpy as np
import pytest
from compute_rig.conformance import COUNT, FIRST, LAST, MAX, MIN, SQUARES, SUM, Accumulators
from halftone.v1 import frame_pb2
from halftone_compute.backends.base import WIDE_ROWS, LatticeRegion, Task
from halftone_compute.backends.card.planes import finished, flip_of, kernels_of, layout_of

REGION = LatticeRegion(0, 0.0, 0, 0.0, 3, 2)


def valued(accumulators: Accumulators, dtype: str, rows: int = 10) -> Task:
    return Task(REGION, accumulators, "x", "y", rows, value="v", value_dtype=np.dtype(dtype))


@pytest.mark.parametrize(
    ("task", "kernels"),
    [
        (Task(REGION, COUNT, "x", "y", 1), ["count"]),
        (Task(REGION, COUNT, "x", "y", 1, category="c", categories=2), ["categories"]),
        (valued(SUM, "f4"), ["total_f32"]),
        (valued(SQUARES, "f8"), ["squares_f64"]),
        (valued(MIN, "u1"), ["extreme_i32"]),
        (valued(MAX, "u8"), ["extreme_u64"]),
        (valued(LAST, "i8"), ["outermost_i64", "chosen_i64"]),
        (replace(valued(SUM, "u1"), whole_sums=True), ["whole_i32"]),
        (replace(valued(SUM, "u1"), category="c", categories=3), ["total_i32"]),
    ],
)
def test_a_task_names_its_kernels(task: Task, kernels: list[str]) -> None:
    assert list(kernels_of(task)) == kernels


def test_planes_lie_apart_and_aligned() -> None:
    for task in (valued(SQUARES, "f4"), valued(MAX, "f4"), valued(FIRST, "f8"), valued(SUM, "i8", WIDE_ROWS)):
        layout, size = layout_of(task)
        end = 0
        for stretch in layout.values():
            assert stretch.start >= end
            assert stretch.start % 256 == 0
            end = stretch.start + stretch.cells * stretch.dtype.itemsize
        assert end <= size
    assert list(layout_of(valued(SQUARES, "f4"))[0]) == ["counts", "valids", "found", "pivots", "squares"]


def test_the_least_is_the_complement_of_the_greatest() -> None:
    counts = np.array([1, 0, 0, 0, 0, 0], np.uint32)
    for accumulators, role in ((MIN, frame_pb2.PLANE_ROLE_MIN), (MAX, frame_pb2.PLANE_ROLE_MAX)):
        task = valued(accumulators, "i2")
        key = np.uint32((-5 & 0xFFFFFFFF) ^ 0x80000000) ^ np.uint32(flip_of(task) & 0xFFFFFFFF)
        found = np.zeros(6, np.uint32)
        found[0] = key
        planes = finished(task, {"counts": counts, "valids": counts, "found": found})
        assert planes[2].role == role
        assert planes[2].cells.dtype == np.int16
        assert planes[2].cells.tolist() == [[-5, 0, 0], [0, 0, 0]]


def test_squares_are_about_the_mean_and_never_negative() -> None:
    valids = np.array([4, 1, 0, 2, 1, 1], np.uint32)
    planes = {
        "counts": valids,
        "valids": valids,
        # Values 1, 2, 3, 4 about the pivot 1: differences 0, 1, 2, 3.
        "found": np.array([6.0, 0, 0, 1e-9, 0.1, 0]),
        "squares": np.array([14.0, 0, 0, 0, 0.01, 0]),
    }
    *_, found = finished(valued(SQUARES, "f8"), planes)
    assert found.role == frame_pb2.PLANE_ROLE_SQUARES
    assert found.cells[0, 0] == 5.0
    assert found.cells.min() == 0.0


def test_categories_are_a_plane_each() -> None:
    task = Task(REGION, COUNT, "x", "y", 1, category="c", categories=2)
    planes = finished(task, {"counts": np.arange(12, dtype=np.uint32)})
    assert [plane.category for plane in planes] == [0, 1]
    assert planes[1].cells.tolist() == [[6, 7, 8], [9, 10, 11]]
