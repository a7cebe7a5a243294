"""What a plan needs of columns, and the refusals."""

import pytest
from halftone_servicekit.errors import HalftoneError
from halftone_views.columns import Table
from halftone_views.requirements import NUMERIC, axis, axis_column, require_column


def test_a_column_of_an_accepted_type_is_given(table: Table) -> None:
    assert require_column(table, "delay", NUMERIC, "value") is table.columns["delay"]


@pytest.mark.parametrize(("name", "code"), [("missing", "unknown_column"), ("carrier", "unsupported_type")])
def test_any_other_column_is_refused_with_the_field(table: Table, name: str, code: str) -> None:
    with pytest.raises(HalftoneError) as caught:
        require_column(table, name, NUMERIC, "value")
    assert (caught.value.code, caught.value.field) == (code, "value")


def test_an_axis_needs_numbers_that_a_float_holds(table: Table) -> None:
    assert axis(table, "delay", "x").column == "delay"
    with pytest.raises(HalftoneError, match="unsupported_type"):
        axis(table, "id", "x")


def test_the_first_column_that_fits_is_chosen(table: Table) -> None:
    assert axis_column(table, "x") == "date"
    assert axis_column(table, "y", besides="date") == "delay"
    with pytest.raises(HalftoneError, match="param_invalid"):
        axis_column(Table.of("v", 0, []), "x")
