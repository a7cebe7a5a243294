"""A task of several value accumulators, part by part; the conformance suite holds both engines to the planes."""

from dataclasses import replace

import numpy as np
from compute_rig.conformance import COUNT, EVERYTHING, EXTREMES, LATTICE, MAX, MIN, SUM, planes
from halftone.v1 import compute_pb2, frame_pb2
from halftone_compute.backends.base import Task
from halftone_compute.backends.cpu.canvas import LoopCanvas
from halftone_compute.backends.cpu.engine import CpuEngine
from halftone_compute.backends.several import SeveralCanvases, parts_of
from halftone_compute.store.base import Block


def task(*accumulators: "compute_pb2.Accumulator.ValueType") -> Task:
    return Task(LATTICE, accumulators, "x", "y", 9, value="v", value_dtype=np.dtype("f4"))


def test_a_part_has_one_value_accumulator() -> None:
    assert [part.accumulators for part in parts_of(task(*EXTREMES))] == [MIN, MAX]
    assert [part.of_value for part in parts_of(task(*EVERYTHING))] == [(number,) for number in EVERYTHING[2:]]


def test_rows_need_no_value_and_a_lone_number_of_values_is_counted_beside_a_sum() -> None:
    assert [part.accumulators for part in parts_of(Task(LATTICE, COUNT, "x", "y", 9))] == [COUNT]
    assert [part.accumulators for part in parts_of(task(*SUM[:2]))] == [SUM]


def test_by_category_values_are_gathered_of_all_rows_too() -> None:
    by = replace(task(*EXTREMES), category="c", categories=3, other=True)
    assert [(part.accumulators, part.category, part.categories) for part in parts_of(by)] == [
        (MIN, "c", 3),
        (MAX, "c", 3),
        (MIN, None, 0),
        (MAX, None, 0),
    ]
    counted = Task(LATTICE, COUNT, "x", "y", 9, category="c", categories=3)
    assert parts_of(counted) == [counted]


def test_only_a_task_of_several_parts_has_several_canvases() -> None:
    backend = CpuEngine()
    assert isinstance(backend.open(task(*MIN)), LoopCanvas)
    assert isinstance(backend.open(task(*EXTREMES)), SeveralCanvases)


def test_rows_are_those_of_the_first_part_and_planes_come_in_the_order_of_the_task() -> None:
    rows: dict[str, np.ndarray] = {"x": np.zeros(3), "y": np.zeros(3), "v": np.array([1, np.nan, 5], np.float32)}
    found = planes(CpuEngine(), task(*EXTREMES), Block(0, rows, {}))
    assert [plane.role for plane in found] == [
        frame_pb2.PLANE_ROLE_COUNT,
        frame_pb2.PLANE_ROLE_VALID,
        frame_pb2.PLANE_ROLE_MIN,
        frame_pb2.PLANE_ROLE_MAX,
    ]
    assert [plane.cells.max() for plane in found] == [3, 2, 1, 5]


def test_by_category_each_number_of_values_has_one_plane_more() -> None:
    rows: dict[str, np.ndarray] = {
        "x": np.zeros(3),
        "y": np.zeros(3),
        "v": np.array([1, 2, 5], np.float32),
        "c": np.array([1, 0, 1], np.int32),
    }
    by = replace(task(*MAX), category="c", categories=2)
    found = planes(CpuEngine(), by, Block(0, rows, {}))
    rows_of, valid, most = frame_pb2.PLANE_ROLE_CATEGORY, frame_pb2.PLANE_ROLE_VALID, frame_pb2.PLANE_ROLE_MAX
    assert [(plane.role, plane.category, plane.cells.max()) for plane in found] == [
        *((rows_of, 0, 1), (rows_of, 1, 2)),
        *((valid, 0, 1), (valid, 1, 2), (valid, 2, 3)),
        *((most, 0, 2), (most, 1, 5), (most, 2, 5)),
    ]
