"""What a plan needs of columns, and the refusals."""

import pytest
from halftone.v1 import compute_pb2
from halftone_servicekit.errors import HalftoneError
from halftone_views.columns import ColumnInfo, Table
from halftone_views.lattice.transform import transform_of
from halftone_views.requirements import (
    MAX_LABELS,
    NUMERIC,
    axis,
    require_category,
    require_column,
    require_sums,
    require_value,
    require_width,
)
from halftone_views.transforms.log10 import LOG10


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


def test_an_axis_has_a_transform_that_takes_its_column(table: Table) -> None:
    assert axis(table, "date", "x").transform == compute_pb2.TRANSFORM_LINEAR
    assert axis(table, "delay", "x", LOG10, "x_scale").transform == compute_pb2.TRANSFORM_LOG10
    with pytest.raises(HalftoneError, match="Logarithmic is for numbers, and date is times") as caught:
        axis(table, "date", "x", LOG10, "x_scale")
    assert (caught.value.code, caught.value.field) == ("unsupported_type", "x_scale")


def test_steps_have_no_width(table: Table) -> None:
    hours = transform_of(compute_pb2.TRANSFORM_HOUR)
    require_width(table.columns["date"], hours, 0.0, "bin_width")
    with pytest.raises(HalftoneError, match="Steps have no width") as caught:
        require_width(table.columns["date"], hours, 2.0, "bin_width")
    assert (caught.value.code, caught.value.field) == ("param_invalid", "bin_width")


def test_what_would_be_rounded_is_refused() -> None:
    add, least, moments = (compute_pb2.Accumulator.Value(f"ACCUMULATOR_{name}") for name in ("ADD", "MIN", "MOMENTS"))
    wide = ColumnInfo("w", "number", "int64", -(2.0**60), 2.0**55)
    few, many = Table.of("v", 7, [wide]), Table.of("v", 8, [wide])
    assert require_value(few, "w", [add], "value") is require_value(many, "w", [least], "value")
    for table, accumulator in ((many, add), (few, moments)):
        with pytest.raises(HalftoneError, match="unsupported_type"):
            require_value(table, "w", [accumulator], "value")
    # Sums of smaller numbers may leave int64: a mean of them is as good as float64.
    times = Table.of("v", 10**9, [ColumnInfo("t", "time", min=0, max=2.0**50)])
    assert require_value(times, "t", [add, moments], "value").name == "t"
    with pytest.raises(HalftoneError, match="A sum of t may pass") as caught:
        require_sums(times, times.columns["t"], "value")
    assert (caught.value.code, caught.value.field) == ("unsupported_type", "value")


@pytest.mark.parametrize("dtype", ["int64", "double"])
def test_sums_that_fit_and_those_of_floats_are_given(dtype: str) -> None:
    rows = 8 if dtype == "int64" else 10**9
    table = Table.of("v", rows, [ColumnInfo("n", "number", dtype, -(2.0**59), 2.0**59)])
    require_sums(table, table.columns["n"], "value")


def test_whole_numbers_with_labels_are_categories() -> None:
    codes = ColumnInfo("k", "number", "int64", 1, 2, distinct=2, categories=(("1", 2), ("2", 1)))
    assert require_category(Table.of("v", 3, [codes]), "k", "category") is codes


@pytest.mark.parametrize(
    ("column", "code", "reason"),
    [
        (ColumnInfo("k", "number", "int64", 0, 1e6, distinct=1204), "too_many_categories", "has 1,204 different"),
        (ColumnInfo("k", "number", "int64", 0, 1e6, distinct=4096), "too_many_categories", "has about 4,096"),
        (ColumnInfo("k", "number", "int64", 0, 1, distinct=MAX_LABELS), "unsupported_type", "import it again"),
        (ColumnInfo("k", "number", "double", 0, 1, distinct=2), "unsupported_type", "fractions"),
        (ColumnInfo("k", "text"), "unsupported_type", "A category column is needed here, and k is text."),
        (ColumnInfo("k", "time"), "unsupported_type", "k is times"),
    ],
)
def test_what_is_no_category_is_refused_with_the_reason(column: ColumnInfo, code: str, reason: str) -> None:
    with pytest.raises(HalftoneError, match=reason) as caught:
        require_category(Table.of("v", 3, [column]), "k", "category")
    assert (caught.value.code, caught.value.field) == (code, "category")
