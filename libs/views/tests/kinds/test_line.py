"""Line: every value of a number along another, or a figure of it with a band."""

import math

import pytest
from halftone.v1 import compute_pb2, frame_pb2
from halftone_servicekit.errors import HalftoneError
from halftone_views.columns import ColumnInfo, Table
from halftone_views.registry import kind_schemas, validate_options
from halftone_views.view import options_json

COUNT, VALID, ADD, MIN, MAX, MOMENTS, EARLIEST, LATEST = (
    compute_pb2.Accumulator.Value(f"ACCUMULATOR_{name}")
    for name in ("COUNT", "VALID", "ADD", "MIN", "MAX", "MOMENTS", "EARLIEST", "LATEST")
)


def test_a_line_goes_along_the_first_time(table: Table) -> None:
    view = validate_options("line", {})
    assert view.plan(table) == compute_pb2.Plan(
        glyph=compute_pb2.GLYPH_BINS,
        x=compute_pb2.Axis(column="date", transform=compute_pb2.TRANSFORM_LINEAR),
        value="delay",
        accumulators=[COUNT, VALID, MIN, MAX, EARLIEST, LATEST],
    )
    assert options_json(view, table) == {
        "x": "date",
        "y": "delay",
        "reduction": "every",
        "category": None,
        "x_scale": "linear",
    }
    assert validate_options("line", {"y": "distance"}).plan(table).value == "distance"


def test_without_a_time_it_goes_along_a_number() -> None:
    numbers = Table.of(
        "v",
        9,
        [ColumnInfo("a", "number", min=0, max=9, distinct=9), ColumnInfo("b", "number", min=1, max=2, distinct=9)],
    )
    plan = validate_options("line", {}).plan(numbers)
    assert (plan.x.column, plan.value) == ("a", "b")


@pytest.mark.parametrize(
    ("reduction", "accumulators"),
    [("mean", [ADD, MIN, MAX]), ("min", [MIN, MAX]), ("std", [MOMENTS]), ("sum", [ADD])],
)
def test_figures_have_a_band_where_they_lie_within_the_values(
    table: Table, reduction: str, accumulators: list[int]
) -> None:
    view = validate_options("line", {"reduction": reduction})
    assert list(view.plan(table).accumulators) == [COUNT, VALID, *accumulators]
    assert view.quantity(table).value == "delay"


def test_what_is_shown_is_said(table: Table) -> None:
    shown = validate_options("line", {"y": "distance", "category": "carrier"}).quantity(table)
    assert (shown.label, shown.finisher) == ("Every value of distance by carrier", frame_pb2.FINISHER_SPAN)
    assert shown.within_value


def test_a_line_for_each_of_16_categories_and_one_of_all_others(table: Table) -> None:
    plan = validate_options("line", {"category": "origin"}).plan(table)
    assert (plan.category, plan.category_planes, plan.category_other) == ("origin", 16, True)


@pytest.mark.parametrize(
    ("options", "code", "field"),
    [
        ({"x": "carrier"}, "unsupported_type", "x"),
        ({"y": "date"}, "unsupported_type", "y"),
        ({"y": "made up"}, "unknown_column", "y"),
        ({"y": "id", "reduction": "sum"}, "unsupported_type", "y"),
        ({"x_scale": "hour", "x": "delay"}, "unsupported_type", "x_scale"),
        ({"category": "delay"}, "too_many_categories", "category"),
    ],
)
def test_what_is_refused(table: Table, options: dict[str, str], code: str, field: str) -> None:
    with pytest.raises(HalftoneError) as caught:
        validate_options("line", options).plan(table)
    assert (
        (caught.value.field, caught.value.code) == (field, code) if field != "category" else caught.value.field == field
    )


def test_a_table_without_numbers_has_no_line() -> None:
    times = Table.of("v", 9, [ColumnInfo("t", "time", min=0, max=9)])
    with pytest.raises(HalftoneError, match="number column is needed"):
        validate_options("line", {}).plan(times)


def test_parts_of_time_are_steps(table: Table) -> None:
    view = validate_options("line", {"x_scale": "hour", "reduction": "mean"})
    assert view.plan(table).x.transform == compute_pb2.TRANSFORM_HOUR
    assert view.data_extent(table) == (0.0, 24.0, 0.0, 1.0)


def test_it_opens_with_nearly_all(table: Table) -> None:
    view = validate_options("line", {"x": "delay", "y": "distance"})
    assert view.data_extent(table) == (-60.0, math.nextafter(1439.0, math.inf), 0.0, 1.0)
    assert view.default_extent(table)[2:] == (0.0, 1.0)


def test_lines_are_drawn() -> None:
    schema = kind_schemas()["line"]
    assert schema["x-halftone-renderer"] == "lines"
    assert schema["properties"]["x_scale"]["x-halftone-labels"]["linear"] == "Values"
    assert {"every", "mean", "last"} <= set(schema["properties"]["reduction"]["enum"])
    assert {"count", "any", "mode"}.isdisjoint(schema["properties"]["reduction"]["enum"])
