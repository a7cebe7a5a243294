"""Transforms: found by a scan, in their order; each keeps what its fields promise."""

import math
from dataclasses import replace
from typing import Any

import pytest
from halftone.v1 import compute_pb2
from halftone_views.lattice.transform import Transform, by_code, labels_for, transform_named, transform_of, transforms
from hypothesis import given
from hypothesis import strategies as st

ALL = list(transforms().values())
SCALES = [each for each in ALL if not each.has_steps]
STEPS = [each for each in ALL if each.has_steps]


def values(transform: Transform) -> st.SearchStrategy[float]:
    return st.floats(transform.low, transform.high)


def test_the_transforms_of_the_package_are_found_by_number_and_by_name() -> None:
    assert set(transforms()) == set(compute_pb2.Transform.values()) - {compute_pb2.TRANSFORM_UNSPECIFIED}
    assert transform_named("log") is transform_of(compute_pb2.TRANSFORM_LOG10)
    for unknown in ("", "ln"):
        with pytest.raises(KeyError):
            transform_named(unknown)
    with pytest.raises(KeyError):
        transform_of(compute_pb2.TRANSFORM_UNSPECIFIED)


def test_choices_are_those_of_one_use_in_their_order() -> None:
    assert labels_for("scale") == {"linear": "Linear", "log": "Logarithmic"}
    assert labels_for("projection") == {"mercator": "Web Mercator"}
    assert list(labels_for("steps")) == ["category", "hour", "weekday", "month"]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"name": ""}, "'' needs a name, a label and a number"),
        ({"label": ""}, "needs a name, a label and a number"),
        ({"code": compute_pb2.TRANSFORM_UNSPECIFIED}, "needs a name, a label and a number"),
        ({"name": "linear"}, "two transforms have the name 'linear'"),
        ({"name": "other"}, "two transforms have the number 1"),
    ],
)
def test_an_unsound_transform_is_refused(changes: dict[str, Any], complaint: str) -> None:
    linear = transform_named("linear")
    with pytest.raises(TypeError, match=complaint):
        by_code([linear, replace(linear, **changes)])


@pytest.mark.parametrize("transform", SCALES, ids=lambda each: each.name)
@given(st.data())
def test_places_are_finite_and_never_fall_where_values_rise(transform: Transform, data: st.DataObject) -> None:
    a = data.draw(values(transform))
    b = data.draw(st.one_of(values(transform), st.just(min(math.nextafter(a, math.inf), transform.high))))
    low, high = sorted((a, b))
    assert math.isfinite(transform.forward(low))
    assert transform.forward(low) <= transform.forward(high)


@pytest.mark.parametrize("transform", SCALES, ids=lambda each: each.name)
@given(st.data())
def test_the_inverse_finds_the_value_of_a_place(transform: Transform, data: st.DataObject) -> None:
    value = data.draw(values(transform))
    found = transform.inverse(transform.forward(value))
    assert transform.has_place(found)
    assert math.isclose(found, value, rel_tol=2e-13, abs_tol=1e-12 if transform.use == "projection" else 1e-320)


@pytest.mark.parametrize("transform", SCALES, ids=lambda each: each.name)
def test_the_inverse_stays_within_the_values_that_have_a_place(transform: Transform) -> None:
    for place in (-(2.0**1000), -1e4, -400.0, 0.0, 400.0, 1e4, math.nextafter(2.0**1000, 0.0)):
        assert transform.has_place(transform.inverse(place))


@pytest.mark.parametrize("transform", STEPS, ids=lambda each: each.name)
def test_the_place_of_a_step_has_no_one_value(transform: Transform) -> None:
    assert math.isnan(transform.inverse(0.5))


@pytest.mark.parametrize("transform", STEPS, ids=lambda each: each.name)
@given(st.data())
def test_a_step_is_the_middle_of_a_cell_one_long(transform: Transform, data: st.DataObject) -> None:
    value = data.draw(st.integers(int(transform.low), int(transform.high)).filter(lambda each: abs(each) < 2**52))
    place = transform.forward(value)
    assert place % 1 == 0.5
    assert 0 < place < (len(transform.steps) or 2**53)
    assert math.isnan(transform.inverse(place))


@pytest.mark.parametrize("transform", ALL, ids=lambda each: each.name)
def test_what_lies_beyond_has_no_place(transform: Transform) -> None:
    assert transform.has_place(transform.low)
    assert transform.has_place(transform.high)
    assert not transform.has_place(math.nextafter(transform.low, -math.inf))
    assert not transform.has_place(math.nextafter(transform.high, math.inf))
    assert not transform.has_place(math.nan)
