"""Options of a reduction: what they add to a plan. The kinds' tests hold every refusal."""

import pytest
from halftone.v1 import compute_pb2, frame_pb2
from halftone_servicekit.errors import HalftoneError
from halftone_views.columns import ColumnInfo, Table
from halftone_views.kinds.points import Points
from halftone_views.kinds.reduced import (
    add_reduction,
    category_option,
    reduced_quantity,
    reduction_option,
    value_option,
)
from halftone_views.registry import validate_options


def of(**options: object) -> Points:
    view = validate_options("points", options)
    assert isinstance(view, Points)
    return view


def test_a_count_reads_no_value_and_shares_its_pieces_with_the_most_frequent(table: Table) -> None:
    plans = []
    for options in ({"value": "delay", "category": "carrier"}, {"reduction": "mode", "category": "carrier"}):
        plan = compute_pb2.Plan()
        add_reduction(plan, of(**options), table)
        plans.append(plan)
    assert plans[0] == plans[1]
    assert plans[0].value == ""


def test_a_sum_that_may_be_rounded_is_refused_and_a_mean_is_not() -> None:
    many = Table.of("v", 10**9, [ColumnInfo(name, "number", "int64", 0, 2.0**40) for name in "xyn"])
    with pytest.raises(HalftoneError, match="its mean can be shown") as caught:
        add_reduction(compute_pb2.Plan(), of(reduction="sum", value="n"), many)
    assert (caught.value.code, caught.value.field) == ("unsupported_type", "value")
    for reduction in ("mean", "max", "std"):
        plan = compute_pb2.Plan()
        add_reduction(plan, of(reduction=reduction, value="n"), many)
        assert plan.value == "n"


def test_what_a_cell_shows_follows_from_the_options(table: Table) -> None:
    shown = reduced_quantity(of(reduction="last", value="delay"), table)
    assert (shown.label, list(shown.planes)) == ("Last of delay", [frame_pb2.PLANE_ROLE_LAST])


def test_options_are_made_anew_for_each_kind() -> None:
    for make in (reduction_option, value_option, category_option):
        assert make() is not make()
