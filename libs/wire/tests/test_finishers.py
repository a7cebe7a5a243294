"""Planes to figures."""

import numpy as np
import pytest
from halftone.v1 import frame_pb2
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_wire import Plane, categories_of, finish

PLANES = [
    Plane(frame_pb2.PLANE_ROLE_COUNT, np.array([[0, 1, 3]], np.uint8)),
    Plane(frame_pb2.PLANE_ROLE_VALID, np.array([[0, 0, 2]], np.uint8)),
    Plane(frame_pb2.PLANE_ROLE_SUM, np.array([[0, 0, 5]], np.int16)),
]

VALUE_ROLES = {
    "sum": frame_pb2.PLANE_ROLE_SUM,
    "mean": frame_pb2.PLANE_ROLE_SUM,
    "min": frame_pb2.PLANE_ROLE_MIN,
    "max": frame_pb2.PLANE_ROLE_MAX,
    "std": frame_pb2.PLANE_ROLE_SQUARES,
    "var": frame_pb2.PLANE_ROLE_SQUARES,
}
FINISHERS = {
    "any": frame_pb2.FINISHER_PRESENCE,
    "mean": frame_pb2.FINISHER_RATIO,
    "std": frame_pb2.FINISHER_DEVIATION,
    "var": frame_pb2.FINISHER_VARIANCE,
}


def quantity(name: str) -> frame_pb2.Quantity:
    has_value = name in VALUE_ROLES
    return frame_pb2.Quantity(
        finisher=FINISHERS.get(name, frame_pb2.FINISHER_IDENTITY),
        planes=[VALUE_ROLES.get(name, frame_pb2.PLANE_ROLE_COUNT)],
        empty=frame_pb2.EMPTY_NO_VALUE if has_value else frame_pb2.EMPTY_ZERO,
        integer=not has_value,
    )


def test_count_and_any_are_uint32() -> None:
    assert finish(quantity("count"), PLANES).tolist() == [[0, 1, 3]]
    assert finish(quantity("any"), PLANES).tolist() == [[0, 1, 1]]
    assert finish(quantity("count"), PLANES).dtype == finish(quantity("any"), PLANES).dtype == np.uint32


@pytest.mark.parametrize(("reduction", "figure"), [("sum", 5.0), ("mean", 2.5)])
def test_cells_without_a_value_are_nan(reduction: str, figure: float) -> None:
    found = finish(quantity(reduction), PLANES)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, [[np.nan, np.nan, figure]])


@pytest.mark.parametrize(("reduction", "role"), [("min", frame_pb2.PLANE_ROLE_MIN), ("max", frame_pb2.PLANE_ROLE_MAX)])
def test_extremes(reduction: str, role: frame_pb2.PlaneRole.ValueType) -> None:
    planes = [*PLANES[:2], Plane(role, np.array([[0, 0, -4]], np.int8))]
    np.testing.assert_array_equal(finish(quantity(reduction), planes), [[np.nan, np.nan, -4.0]])


@pytest.mark.parametrize(("reduction", "figure"), [("var", 12.25), ("std", 3.5)])
def test_spread_is_of_all_values_and_not_of_a_sample(reduction: str, figure: float) -> None:
    planes = [*PLANES[:2], Plane(frame_pb2.PLANE_ROLE_SQUARES, np.array([[0, 0, 24.5]]))]
    np.testing.assert_array_equal(finish(quantity(reduction), planes), [[np.nan, np.nan, figure]])


def test_categories_are_the_last_axis() -> None:
    planes = [Plane(frame_pb2.PLANE_ROLE_CATEGORY, np.full((2, 3), index, np.uint8), index) for index in range(4)]
    by_category = frame_pb2.Quantity(
        finisher=frame_pb2.FINISHER_CATEGORIES, planes=[frame_pb2.PLANE_ROLE_CATEGORY], empty=frame_pb2.EMPTY_ZERO
    )
    found = finish(by_category, planes)
    assert found.shape == (2, 3, 4)
    assert found.dtype == np.uint32
    assert found[1, 2].tolist() == [0, 1, 2, 3]


CATEGORIES = [
    *(
        Plane(frame_pb2.PLANE_ROLE_CATEGORY, np.array([cells], np.uint8), i)
        for i, cells in enumerate([[0, 3, 1], [0, 3, 2]])
    ),
    *(
        Plane(frame_pb2.PLANE_ROLE_VALID, np.array([cells], np.uint8), i)
        for i, cells in enumerate([[0, 2, 0], [0, 1, 2], [0, 3, 2]])
    ),
    *(
        Plane(frame_pb2.PLANE_ROLE_SUM, np.array([cells], np.int64), i)
        for i, cells in enumerate([[0, 5, 0], [0, 7, 9], [0, 12, 9]])
    ),
]


def test_numbers_of_values_by_category_are_the_last_axis_without_those_of_all_rows() -> None:
    mean = frame_pb2.Quantity(
        finisher=frame_pb2.FINISHER_RATIO,
        planes=[frame_pb2.PLANE_ROLE_SUM],
        empty=frame_pb2.EMPTY_NO_VALUE,
        category="c",
    )
    found = finish(mean, CATEGORIES)
    np.testing.assert_array_equal(found, [[[np.nan, np.nan], [2.5, 7.0], [np.nan, 4.5]]])
    assert categories_of(CATEGORIES) == 2
    assert categories_of(PLANES) == 0


def test_whether_a_category_has_rows_is_told_for_each() -> None:
    presence = frame_pb2.Quantity(
        finisher=frame_pb2.FINISHER_PRESENCE,
        planes=[frame_pb2.PLANE_ROLE_CATEGORY],
        empty=frame_pb2.EMPTY_ZERO,
        integer=True,
        category="c",
    )
    assert finish(presence, CATEGORIES).tolist() == [[[0, 0], [1, 1], [1, 1]]]


def test_the_most_frequent_category_is_the_first_of_equal_ones() -> None:
    mode = frame_pb2.Quantity(
        finisher=frame_pb2.FINISHER_MODE, planes=[frame_pb2.PLANE_ROLE_CATEGORY], empty=frame_pb2.EMPTY_NO_VALUE
    )
    np.testing.assert_array_equal(finish(mode, CATEGORIES), [[np.nan, 0.0, 1.0]])
    with pytest.raises(HalftoneError, match="data_corrupt"):
        finish(mode, PLANES)


@pytest.mark.parametrize(("dtype", "number"), [("i8", 2**53), ("i8", -(2**53)), ("u8", 2**63)])
def test_whole_numbers_that_float64_does_not_hold_are_refused_unless_they_may_be_rounded(
    dtype: str, number: int
) -> None:
    planes = [*PLANES[:2], Plane(frame_pb2.PLANE_ROLE_MAX, np.array([[0, 0, number]], dtype))]
    with pytest.raises(HalftoneError, match="unsupported_type"):
        finish(quantity("max"), planes)
    assert finish(quantity("max"), planes, rounded=True)[0, 2] == float(number)
    planes[2].cells[0, 2] = 2**53 - 1
    assert finish(quantity("max"), planes)[0, 2] == 2**53 - 1


def test_a_difference_is_the_first_plane_less_the_second() -> None:
    planes = [
        *PLANES[:2],
        Plane(frame_pb2.PLANE_ROLE_MIN, np.array([[0, 0, -4]], np.int8)),
        Plane(frame_pb2.PLANE_ROLE_MAX, np.array([[0, 0, 127]], np.int8)),
    ]
    difference = frame_pb2.Quantity(
        finisher=frame_pb2.FINISHER_DIFFERENCE,
        planes=[frame_pb2.PLANE_ROLE_MAX, frame_pb2.PLANE_ROLE_MIN],
        empty=frame_pb2.EMPTY_NO_VALUE,
    )
    np.testing.assert_array_equal(finish(difference, planes), [[np.nan, np.nan, 131.0]])


def test_a_sum_whose_empty_cells_are_zero_stays_a_float() -> None:
    zero = frame_pb2.Quantity(
        finisher=frame_pb2.FINISHER_IDENTITY, planes=[frame_pb2.PLANE_ROLE_SUM], empty=frame_pb2.EMPTY_ZERO
    )
    found = finish(zero, PLANES)
    assert found.tolist() == [[0.0, 0.0, 5.0]]
    assert found.dtype == np.float64


def test_a_finisher_of_a_newer_server_is_refused() -> None:
    newer = frame_pb2.Quantity.FromString(b"\x18\xe7\x07")
    with pytest.raises(HalftoneError) as caught:
        finish(newer, PLANES)
    assert (caught.value.code, caught.value.field) == (ErrorCode.UNKNOWN_AGG, "quantity.finisher")


@pytest.mark.parametrize(("reduction", "planes"), [("max", PLANES), ("sum", PLANES[2:]), ("count", [])])
def test_a_missing_plane_is_refused(reduction: str, planes: list[Plane]) -> None:
    with pytest.raises(HalftoneError) as caught:
        finish(quantity(reduction), planes)
    assert caught.value.code is ErrorCode.DATA_CORRUPT
