"""Error bars: what an interval about a mean adds to a plan, and what it refuses."""

import pytest
from halftone.v1 import compute_pb2, frame_pb2
from halftone_servicekit.errors import HalftoneError
from halftone_views.columns import Table
from halftone_views.registry import validate_options

MEAN = {"x": "origin", "reduction": "mean", "value": "delay"}


@pytest.mark.parametrize("category", [None, "carrier"])
def test_a_mean_gathers_sums_and_moments_for_its_interval(table: Table, category: str | None) -> None:
    view = validate_options("bars", {**MEAN, "category": category, "errors": "mean95"})
    assert list(view.plan(table).accumulators) == [
        compute_pb2.ACCUMULATOR_COUNT,
        compute_pb2.ACCUMULATOR_VALID,
        compute_pb2.ACCUMULATOR_ADD,
        compute_pb2.ACCUMULATOR_MOMENTS,
    ]
    assert view.quantity(table).interval == frame_pb2.INTERVAL_MEAN_95


def test_without_error_bars_nothing_more_is_gathered(table: Table) -> None:
    view = validate_options("bars", MEAN)
    assert compute_pb2.ACCUMULATOR_MOMENTS not in view.plan(table).accumulators
    assert view.quantity(table).interval == frame_pb2.INTERVAL_UNSPECIFIED


@pytest.mark.parametrize(
    ("options", "code", "field"),
    [
        ({"reduction": "sum"}, "param_invalid", "errors"),
        ({"reduction": "count"}, "param_invalid", "errors"),
        # Its mean is exact, its spread is not.
        ({"value": "id"}, "unsupported_type", "value"),
    ],
)
def test_other_numbers_have_no_error_bars(table: Table, options: dict[str, str], code: str, field: str) -> None:
    with pytest.raises(HalftoneError) as caught:
        validate_options("bars", {**MEAN, **options, "errors": "mean95"}).plan(table)
    assert (caught.value.code, caught.value.field) == (code, field)
