"""Planes of parts of rows, joined, against the engine's planes of all rows."""

from __future__ import annotations

import numpy as np
from compute_rig.conformance import COUNT, EVERYTHING
from halftone.v1 import frame_pb2
from halftone_compute.backends.base import Cancel, LatticeRegion, Task, numbered, ordered
from halftone_compute.backends.cpu.engine import CpuEngine
from halftone_compute.store.base import ROW_NUMBER, Block
from halftone_compute.store.pyramid.joined import X_AXIS, Y_AXIS, beside, halved, joined
from halftone_views.codes import EARLIEST_AT, FIRST_ROW, LAST_ROW, LATEST_AT
from halftone_wire import Plane
from hypothesis import given
from hypothesis import strategies as st

ENGINE = CpuEngine()
REGION = LatticeRegion(0, 0.0, 0, 0.0, 4, 4)
# Which row comes first in the file, the plane of first values does not say.
JOINABLE = (*EVERYTHING, FIRST_ROW, LAST_ROW, EARLIEST_AT, LATEST_AT)
ROWS = st.lists(
    st.tuples(
        *(st.integers(0, 7), st.integers(0, 7)),
        st.sampled_from((np.nan, 0.0, -3.5, 1e6, 1e6 + 0.5)) | st.floats(-9, 9),
        st.integers(0, 10**6),
    ),
    max_size=60,
    unique_by=lambda row: row[3],
).map(lambda rows: np.array(rows, np.float64).reshape(-1, 4))
DTYPES = st.sampled_from(("f8", "f4", "i8", "u8", "u1"))


def planes_of(rows: np.ndarray, dtype: str, region: LatticeRegion = REGION, by: str = "v") -> list[Plane]:
    """Everything of v that can be joined, or the rows of each of three categories.

    Integers go beyond 2^53 where the type has them.
    """
    values = np.nan_to_num(rows[:, 2]) if dtype[0] in "iu" else rows[:, 2]
    kind = np.dtype(dtype)
    v = (
        np.abs(values).astype(kind)
        if kind.kind == "u" and kind.itemsize == 1
        else values.astype(np.int64).astype(kind)
        if kind.kind in "iu"
        else values.astype(kind)
    )
    # In another order than that of the file; numbers are those of rows of any part.
    numbers = np.abs(rows[:, 3]).astype(np.int64)
    codes = np.abs(np.nan_to_num(rows[:, 2])).astype("i4") % 4
    named = {"x": rows[:, 0], "y": rows[:, 1], "v": v, "c": codes, ROW_NUMBER: numbers, numbered("v"): numbers}
    block = Block(0, named, {numbered("v"): np.isfinite(v)})
    if by == "v":
        task = Task(region, JOINABLE, "x", "y", 99, value="v", value_dtype=kind)
    else:
        task = Task(region, COUNT, "x", "y", 99, category="c", categories=3, other=True)
    canvas = ENGINE.open(task)
    if len(rows):
        canvas.add(ordered(block, "x"), Cancel())
    return canvas.planes()


def check(found: list[Plane], expected: list[Plane]) -> None:
    """Counts and extremes are the same; sums and squares to some roundings of what was added up."""
    assert [(plane.role, plane.category) for plane in found] == [(plane.role, plane.category) for plane in expected]
    for plane, other in zip(found, expected, strict=True):
        assert plane.cells.dtype == other.cells.dtype
        if plane.role in (frame_pb2.PLANE_ROLE_SUM, frame_pb2.PLANE_ROLE_SQUARES):
            np.testing.assert_allclose(plane.cells, other.cells, rtol=1e-9, atol=1e-2)
        else:
            np.testing.assert_array_equal(plane.cells, other.cells)


@given(ROWS, ROWS, DTYPES, st.sampled_from("vc"))
def test_joined_are_those_of_all_rows(first: np.ndarray, second: np.ndarray, dtype: str, by: str) -> None:
    # A row is in one of them.
    second = second[~np.isin(second[:, 3], first[:, 3])]
    every = np.concatenate((first, second))
    check(joined(planes_of(first, dtype, by=by), planes_of(second, dtype, by=by)), planes_of(every, dtype, by=by))


def test_the_earliest_and_latest_of_two_parts_are_those_of_both() -> None:
    first = np.array([(1.0, 1.0, 3.0, 4), (2.0, 1.0, np.nan, 1), (5.0, 5.0, 7.0, 2)])
    second = np.array([(1.5, 1.0, -1.0, 3), (2.0, 1.0, 8.0, 0), (6.0, 6.0, 9.0, 5)])
    every = np.concatenate((first, second))
    check(joined(planes_of(first, "f8"), planes_of(second, "f8")), planes_of(every, "f8"))


@given(ROWS, DTYPES, st.sampled_from("vc"))
def test_halved_are_those_on_longer_cells(rows: np.ndarray, dtype: str, by: str) -> None:
    fine = planes_of(rows, dtype, LatticeRegion(0, 0.0, 0, 0.0, 8, 8), by)
    check(halved(fine, X_AXIS), planes_of(rows, dtype, LatticeRegion(1, 0.0, 0, 0.0, 4, 8), by))
    check(halved(fine, Y_AXIS), planes_of(rows, dtype, LatticeRegion(0, 0.0, 1, 0.0, 8, 4), by))


@given(ROWS, DTYPES, st.sampled_from("vc"))
def test_beside_are_those_of_the_whole_region(rows: np.ndarray, dtype: str, by: str) -> None:
    whole = planes_of(rows, dtype, LatticeRegion(0, 0.0, 0, 0.0, 8, 8), by)
    left, right = (planes_of(rows, dtype, LatticeRegion(0, at, 0, 0.0, 4, 8), by) for at in (0.0, 4.0))
    low, high = (planes_of(rows, dtype, LatticeRegion(0, 0.0, 0, at, 8, 4), by) for at in (0.0, 4.0))
    check(beside(left, right, X_AXIS), whole)
    check(beside(low, high, Y_AXIS), whole)


def test_extremes_of_wide_integers_stay_exact() -> None:
    def sided(values: list[int], valid: list[int]) -> list[Plane]:
        return [
            Plane(frame_pb2.PLANE_ROLE_VALID, np.array([valid], np.uint32)),
            Plane(frame_pb2.PLANE_ROLE_MIN, np.array([values])),
            Plane(frame_pb2.PLANE_ROLE_MAX, np.array([values])),
        ]

    found = joined(sided([2**62 + 1, 0, -5, 0], [1, 0, 1, 0]), sided([2**62, -7, 0, 0], [2, 1, 0, 0]))
    assert [plane.cells.tolist() for plane in found] == [
        [[3, 1, 1, 0]],
        [[2**62, -7, -5, 0]],
        [[2**62 + 1, -7, -5, 0]],
    ]
