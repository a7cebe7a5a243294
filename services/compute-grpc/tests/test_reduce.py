"""Planes to figures."""

import numpy as np
import pytest
from halftone.v1 import frame_pb2
from halftone_compute.backends.base import Plane
from halftone_compute.reduce import finish
from halftone_servicekit.errors import ErrorCode, HalftoneError

PLANES = [
    Plane(frame_pb2.PLANE_ROLE_COUNT, np.array([[0, 1, 3]], np.uint8)),
    Plane(frame_pb2.PLANE_ROLE_VALID, np.array([[0, 0, 2]], np.uint8)),
    Plane(frame_pb2.PLANE_ROLE_SUM, np.array([[0, 0, 5]], np.int16)),
]


def test_count_and_any_are_uint32() -> None:
    assert finish("count", PLANES).tolist() == [[0, 1, 3]]
    assert finish("any", PLANES).tolist() == [[0, 1, 1]]
    assert finish("count", PLANES).dtype == finish("any", PLANES).dtype == np.uint32


@pytest.mark.parametrize(("reduction", "figure"), [("sum", 5.0), ("mean", 2.5)])
def test_cells_without_a_value_are_nan(reduction: str, figure: float) -> None:
    found = finish(reduction, PLANES)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, [[np.nan, np.nan, figure]])


@pytest.mark.parametrize(("reduction", "role"), [("min", frame_pb2.PLANE_ROLE_MIN), ("max", frame_pb2.PLANE_ROLE_MAX)])
def test_extremes(reduction: str, role: frame_pb2.PlaneRole.ValueType) -> None:
    planes = [*PLANES[:2], Plane(role, np.array([[0, 0, -4]], np.int8))]
    np.testing.assert_array_equal(finish(reduction, planes), [[np.nan, np.nan, -4.0]])


@pytest.mark.parametrize(("reduction", "figure"), [("var", 12.25), ("std", 3.5)])
def test_spread_is_of_all_values_and_not_of_a_sample(reduction: str, figure: float) -> None:
    planes = [*PLANES[:2], Plane(frame_pb2.PLANE_ROLE_SQUARES, np.array([[0, 0, 24.5]]))]
    np.testing.assert_array_equal(finish(reduction, planes), [[np.nan, np.nan, figure]])


def test_categories_are_the_last_axis() -> None:
    planes = [Plane(frame_pb2.PLANE_ROLE_CATEGORY, np.full((2, 3), index, np.uint8), index) for index in range(4)]
    found = finish("count", planes)
    assert found.shape == (2, 3, 4)
    assert found[1, 2].tolist() == [0, 1, 2, 3]


def test_an_unknown_reduction_is_refused() -> None:
    with pytest.raises(HalftoneError) as caught:
        finish("median", PLANES)
    assert caught.value.code is ErrorCode.UNKNOWN_AGG
