"""Places of arrays: those of the transforms, value by value."""

import math

import numpy as np
import pytest
from datashader.core import LogAxis
from halftone.v1 import compute_pb2
from halftone_compute.store.places import places, warm_up
from halftone_views.lattice.bins import middle_of_bin, terms_of
from halftone_views.lattice.transform import transform_of

HOUR, MONTH = compute_pb2.TRANSFORM_HOUR, compute_pb2.TRANSFORM_MONTH
LOG10, MERCATOR = compute_pb2.TRANSFORM_LOG10, compute_pb2.TRANSFORM_MERCATOR
ODD = [0.0, -0.0, -1.0, 5e-324, 1.7e308, 85.05112878, 85.0512, -90.0, math.inf, -math.inf, math.nan]


@pytest.mark.parametrize("transform", [LOG10, MERCATOR])
def test_an_array_has_the_places_of_its_values(transform: compute_pb2.Transform.ValueType) -> None:
    rng = np.random.default_rng(1)
    values = np.concatenate([rng.uniform(-90, 90, 5000), 10.0 ** rng.uniform(-300, 300, 5000), ODD])
    forward = transform_of(transform).forward
    np.testing.assert_array_equal(places(transform, values), [forward(value) for value in values.tolist()])


def test_logarithms_are_those_of_datashaders_axis() -> None:
    values = 10.0 ** np.random.default_rng(2).uniform(-300, 300, 20_000)
    np.testing.assert_array_equal(places(LOG10, values), [LogAxis.mapper(value) for value in values])


@pytest.mark.parametrize("dtype", ["u1", "i2", "i8", "u8", "f4"])
def test_every_type_of_column_has_places(dtype: str) -> None:
    values = np.array([0, 1, 10, 100], dtype)
    values.flags.writeable = False
    found = places(LOG10, values, np.array([True, True, True, False]))
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, [math.nan, 0, 1, math.nan])


def test_a_compiled_transform_is_there_before_the_first_request() -> None:
    warm_up()
    assert places(MERCATOR, np.zeros(1)).tolist() == [0.0]


@pytest.mark.parametrize("transform", [HOUR, compute_pb2.TRANSFORM_WEEKDAY, MONTH, compute_pb2.TRANSFORM_CATEGORY])
def test_steps_are_counted_in_whole_numbers(transform: compute_pb2.Transform.ValueType) -> None:
    # The last microsecond of an hour, in a year whose microseconds float64 rounds to another hour.
    last = 3_600_000_000 * 4_000_000 - 1
    values = np.concatenate([np.random.default_rng(3).integers(-(2**55), 2**55, 2000), [0, -1, last, last + 1]])
    forward = transform_of(transform).forward
    np.testing.assert_array_equal(places(transform, values), [forward(value) for value in values.tolist()])


def test_times_in_milliseconds_have_the_steps_of_those_in_microseconds() -> None:
    values = np.random.default_rng(4).integers(-62_135_596_800_000, 253_402_300_799_999, 2000)
    for transform in (HOUR, MONTH):
        np.testing.assert_array_equal(places(transform, values, unit="ms"), places(transform, values * 1000))
    assert math.isnan(places(HOUR, np.array([3_600_000]), np.array([False]), "ms")[0])


@pytest.mark.parametrize(("transform", "width"), [(compute_pb2.TRANSFORM_LINEAR, 0.1), (LOG10, 0.25)])
def test_bins_of_an_array_are_those_of_its_values(transform: compute_pb2.Transform.ValueType, width: float) -> None:
    known = transform_of(transform)
    values = np.concatenate([np.random.default_rng(5).uniform(-90, 90, 5000).round(1), ODD, [1e300, 2.0**1001]])
    expected = [
        middle_of_bin(known.forward(value), *terms_of(width)) if known.has_place(value) else math.nan
        for value in values.tolist()
    ]
    np.testing.assert_array_equal(places(transform, values, width=width), expected)
    assert places(transform, np.array([10]), np.array([False]), width=width).tolist() == pytest.approx(
        [math.nan], nan_ok=True
    )
