"""The 95 % interval of a mean out of planes."""

import numpy as np
import pandas as pd
import pytest
from halftone.v1 import frame_pb2
from halftone_servicekit.errors import HalftoneError
from halftone_wire import Plane, half_interval

VALUES = [[1.0, 2.0, 6.0], [5.0, 5.0], [7.0], []]
MEAN = frame_pb2.Quantity(
    finisher=frame_pb2.FINISHER_RATIO,
    planes=[frame_pb2.PLANE_ROLE_SUM],
    empty=frame_pb2.EMPTY_NO_VALUE,
    interval=frame_pb2.INTERVAL_MEAN_95,
)
# One value has no standard error, neither here nor there.
EXPECTED = [float(1.96 * pd.DataFrame({"v": values}, dtype="float64").sem()["v"]) for values in VALUES]


def planes(category: int = 0) -> list[Plane]:
    squares = [np.var(values) * len(values) if values else 0.0 for values in VALUES]
    return [
        Plane(frame_pb2.PLANE_ROLE_VALID, np.array([[len(values) for values in VALUES]], np.uint8), category),
        Plane(frame_pb2.PLANE_ROLE_SUM, np.array([[sum(values) for values in VALUES]], np.float64), category),
        Plane(frame_pb2.PLANE_ROLE_SQUARES, np.array([squares]), category),
    ]


def test_the_interval_of_a_mean_is_that_of_the_standard_error_of_pandas() -> None:
    found = half_interval(MEAN, planes())
    assert found is not None
    np.testing.assert_allclose(found, [EXPECTED])


def test_each_category_has_its_own() -> None:
    quantity = frame_pb2.Quantity(category="c")
    quantity.MergeFrom(MEAN)
    rows = [Plane(frame_pb2.PLANE_ROLE_CATEGORY, np.ones((1, 4), np.uint8), place) for place in range(2)]
    found = half_interval(quantity, [*rows, *planes(0), *planes(1), *planes(2)])
    assert found is not None
    np.testing.assert_allclose(found, np.stack(([EXPECTED], [EXPECTED]), axis=-1))


def test_most_quantities_have_none_and_a_plane_that_is_missing_is_named() -> None:
    assert half_interval(frame_pb2.Quantity(finisher=frame_pb2.FINISHER_RATIO), planes()) is None
    with pytest.raises(HalftoneError, match="lacks a plane"):
        half_interval(MEAN, planes()[:2])
