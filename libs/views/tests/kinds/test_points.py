"""Points: which columns it takes, what it gathers, and every way to ask wrongly."""

import math

import pytest
from halftone.v1 import compute_pb2
from halftone_servicekit.errors import HalftoneError
from halftone_views.columns import ColumnInfo, Table
from halftone_views.plan import planes_of
from halftone_views.reduction import reductions
from halftone_views.registry import kind_schemas, validate_options
from halftone_views.view import options_json

COUNT, VALID = compute_pb2.ACCUMULATOR_COUNT, compute_pb2.ACCUMULATOR_VALID


def plan(table: Table, **options: object) -> compute_pb2.Plan:
    return validate_options("points", options).plan(table)


def test_the_first_two_columns_that_can_be_axes_are_taken(table: Table) -> None:
    view = validate_options("points", {})
    made = view.plan(table)
    assert made == compute_pb2.Plan(
        glyph=compute_pb2.GLYPH_POINTS,
        x=compute_pb2.Axis(column="date", transform=compute_pb2.TRANSFORM_LINEAR),
        y=compute_pb2.Axis(column="delay", transform=compute_pb2.TRANSFORM_LINEAR),
        accumulators=[COUNT],
    )
    scales = {"x_scale": "linear", "y_scale": "linear", "projection": "none"}
    filled = {"x": "date", "y": "delay", "reduction": "count", "value": None, "category": None, **scales}
    assert options_json(view, table) == filled
    assert options_json(view)["x"] is None


def test_a_chosen_axis_is_not_chosen_again(table: Table) -> None:
    made = plan(table, y="date")
    assert (made.x.column, made.y.column) == ("delay", "date")
    made = plan(table, x="delay")
    assert (made.x.column, made.y.column) == ("delay", "date")
    made = plan(table, x="delay", y="delay")
    assert (made.x.column, made.y.column) == ("delay", "delay")


@pytest.mark.parametrize(
    ("reduction", "accumulators", "value"),
    [
        ("count", [COUNT], ""),
        ("any", [COUNT], ""),
        ("sum", [COUNT, VALID, compute_pb2.ACCUMULATOR_ADD], "distance"),
        ("mean", [COUNT, VALID, compute_pb2.ACCUMULATOR_ADD], "distance"),
        ("min", [COUNT, VALID, compute_pb2.ACCUMULATOR_MIN], "distance"),
        ("max", [COUNT, VALID, compute_pb2.ACCUMULATOR_MAX], "distance"),
        ("std", [COUNT, VALID, compute_pb2.ACCUMULATOR_MOMENTS], "distance"),
        ("var", [COUNT, VALID, compute_pb2.ACCUMULATOR_MOMENTS], "distance"),
        ("first", [COUNT, VALID, compute_pb2.ACCUMULATOR_FIRST], "distance"),
        ("last", [COUNT, VALID, compute_pb2.ACCUMULATOR_LAST], "distance"),
    ],
)
def test_reductions(
    table: Table, reduction: str, accumulators: "list[compute_pb2.Accumulator.ValueType]", value: str
) -> None:
    made = plan(table, reduction=reduction, value="distance")
    assert (list(made.accumulators), made.value) == (accumulators, value)


def test_a_time_can_be_the_value_and_so_can_a_big_integer(table: Table) -> None:
    assert plan(table, reduction="max", value="date").value == "date"
    assert plan(table, reduction="min", value="id").value == "id"


@pytest.mark.parametrize("reduction", ["count", "any", "mode"])
def test_categories_are_counted(table: Table, reduction: str) -> None:
    made = plan(table, category="carrier", reduction=reduction)
    assert list(made.accumulators) == [COUNT]
    assert (made.category, made.category_planes, made.category_other) == ("carrier", 3, False)


def test_values_are_told_apart_by_category(table: Table) -> None:
    made = plan(table, category="origin", reduction="max", value="id")
    assert list(made.accumulators) == [COUNT, VALID, compute_pb2.ACCUMULATOR_MAX]
    assert (made.value, made.category, made.category_planes, made.category_other) == ("id", "origin", 16, True)
    assert len(planes_of(made)) == 16 + 17 + 17


@pytest.mark.parametrize(("codes", "planes", "other"), [(0, 1, False), (1, 1, False), (16, 16, False), (17, 16, True)])
def test_rare_categories_share_the_last_plane(codes: int, planes: int, other: bool) -> None:
    table = Table.of("v", 1, [ColumnInfo("x", "number"), ColumnInfo("c", "category", distinct=codes)])
    made = plan(table, x="x", y="x", category="c")
    assert (made.category_planes, made.category_other) == (planes, other)
    assert len(planes_of(made)) == planes


@pytest.mark.parametrize(
    ("options", "code", "field"),
    [
        ({"x": "missing"}, "unknown_column", "x"),
        ({"y": ""}, "unknown_column", "y"),
        ({"value": "missing"}, "unknown_column", "value"),
        ({"category": "missing"}, "unknown_column", "category"),
        ({"x": "carrier"}, "unsupported_type", "x"),
        ({"y": "note"}, "unsupported_type", "y"),
        ({"x": "id"}, "unsupported_type", "x"),
        ({"value": "carrier", "reduction": "sum"}, "unsupported_type", "value"),
        ({"category": "delay"}, "unsupported_type", "category"),
        ({"category": "note"}, "unsupported_type", "category"),
        ({"reduction": "sum"}, "param_invalid", "value"),
        ({"reduction": "mean"}, "param_invalid", "value"),
        ({"reduction": "min"}, "param_invalid", "value"),
        ({"reduction": "max"}, "param_invalid", "value"),
        ({"reduction": "std"}, "param_invalid", "value"),
        ({"reduction": "var"}, "param_invalid", "value"),
        ({"reduction": "sum", "category": "carrier"}, "param_invalid", "value"),
        ({"reduction": "mode"}, "param_invalid", "category"),
        ({"reduction": "mode", "category": "delay"}, "unsupported_type", "category"),
        ({"reduction": "sum", "value": "id"}, "unsupported_type", "value"),
        ({"reduction": "var", "value": "id", "category": "carrier"}, "unsupported_type", "value"),
        ({"reduction": "median"}, "unknown_agg", "reduction"),
        ({"reduction": None}, "unknown_agg", "reduction"),
        ({"reduction": 3}, "unknown_agg", "reduction"),
        ({"reduction": ["count"]}, "unknown_agg", "reduction"),
        ({"x_scale": "ln"}, "param_invalid", "x_scale"),
        ({"x_scale": "mercator"}, "param_invalid", "x_scale"),
        ({"x_scale": "log"}, "unsupported_type", "x_scale"),
        ({"x": "delay", "y": "date", "y_scale": "log"}, "unsupported_type", "y_scale"),
        ({"projection": "linear"}, "param_invalid", "projection"),
        ({"projection": "mercator"}, "param_invalid", "projection"),
        ({"projection": "mercator", "x_scale": "log"}, "param_invalid", "x_scale"),
        ({"projection": "mercator", "y_scale": "log"}, "param_invalid", "y_scale"),
    ],
)
def test_bad_options(table: Table, options: dict[str, object], code: str, field: str) -> None:
    with pytest.raises(HalftoneError) as caught:
        plan(table, **options)
    assert (caught.value.code, caught.value.field) == (code, field)


def test_a_column_that_may_not_be_read_looks_like_one_that_does_not_exist(table: Table) -> None:
    readable = Table(table.version_id, table.rows, {k: v for k, v in table.columns.items() if k != "distance"})
    with pytest.raises(HalftoneError) as hidden:
        plan(readable, x="distance")
    with pytest.raises(HalftoneError) as missing:
        plan(readable, x="made up")
    assert str(hidden.value) == str(missing.value)


def test_without_an_axis_the_reason_is_given() -> None:
    with pytest.raises(HalftoneError, match="no columns") as caught:
        plan(Table.of("v", 0, []))
    assert (caught.value.code, caught.value.field) == ("param_invalid", "x")


def test_the_only_column_is_both_axes() -> None:
    made = plan(Table.of("v", 0, [ColumnInfo("a", "number")]))
    assert (made.x.column, made.y.column) == ("a", "a")


def test_a_view_opens_with_nearly_all_and_on_a_map_with_equal_steps() -> None:
    lon = ColumnInfo("lon", "number", min=-74, max=0, typical_min=-74, typical_max=-73)
    lat = ColumnInfo("lat", "number", min=0, max=41, typical_min=40, typical_max=41)
    table, view = Table.of("v", 9, [lat, lon]), validate_options("points", {})
    assert view.default_extent(table) == pytest.approx((-74, -73, 40, 41))
    assert view.data_extent(table) == pytest.approx((-74, 0, 0, 41))
    assert view.is_map(table)
    assert not validate_options("points", {"x": "lat", "y": "lon"}).is_map(table)


def test_scales_are_those_of_the_axes_and_extents_are_in_their_units(table: Table) -> None:
    view = validate_options("points", {"x": "distance", "y": "delay", "x_scale": "log"})
    made = view.plan(table)
    assert made.x == compute_pb2.Axis(column="distance", transform=compute_pb2.TRANSFORM_LOG10)
    assert made.y == compute_pb2.Axis(column="delay", transform=compute_pb2.TRANSFORM_LINEAR)
    for extent in (view.data_extent(table), view.default_extent(table)):
        assert extent == pytest.approx((math.log10(31), math.log10(4962), -60, 1439))
    both = validate_options("points", {"x": "distance", "y": "distance", "x_scale": "log", "y_scale": "log"})
    assert both.plan(table).y == made.x


def test_a_map_may_be_projected() -> None:
    lon = ColumnInfo("lon", "number", min=-74, max=74)
    lat = ColumnInfo("lat", "number", min=-90, max=60)
    table, view = Table.of("v", 9, [lat, lon]), validate_options("points", {"projection": "mercator"})
    made = view.plan(table)
    assert made.x == compute_pb2.Axis(column="lon", transform=compute_pb2.TRANSFORM_LINEAR)
    assert made.y == compute_pb2.Axis(column="lat", transform=compute_pb2.TRANSFORM_MERCATOR)
    assert view.is_map(table)
    assert view.data_extent(table) == pytest.approx((-74, 74, -180, 75.456), abs=1e-3)
    # A step of a logarithmic axis is no distance on a map.
    assert not validate_options("points", {"x_scale": "log"}).is_map(table)
    assert not validate_options("points", {"y_scale": "log"}).is_map(table)


def test_the_data_extent_holds_the_greatest_value(table: Table) -> None:
    extent = validate_options("points", {"y": "distance"}).data_extent(table)
    assert extent == (9.0e14, math.nextafter(9.1e14, math.inf), 31.0, math.nextafter(4962.0, math.inf))


def test_the_data_extent_of_nothing(table: Table) -> None:
    extent = validate_options("points", {"x": "empty"}).data_extent(table)
    assert extent[:2] == (0.0, 1.0)
    with pytest.raises(HalftoneError, match="unknown_column"):
        validate_options("points", {"y": "made up"}).data_extent(table)


def test_the_schema_tells_the_form_what_to_draw() -> None:
    schema = kind_schemas()["points"]
    hints = {name: option.get("x-halftone-column") for name, option in schema["properties"].items()}
    axes = ["number", "time"]
    assert {name: hint for name, hint in hints.items() if hint} == {
        "x": axes,
        "y": axes,
        "value": axes,
        "category": "category",
    }
    scales = [name for name, option in schema["properties"].items() if option.get("x-halftone-scale")]
    assert scales == ["x_scale", "y_scale", "projection"]
    assert schema["properties"]["projection"]["enum"] == ["none", "mercator"]
    assert schema["properties"]["category"]["x-halftone-labelled"] is True
    assert schema["properties"]["reduction"]["enum"] == list(reductions())
    assert schema["properties"]["reduction"]["x-halftone-labels"] == {
        "count": "Rows",
        "any": "Any rows",
        "sum": "Sum",
        "mean": "Mean",
        "min": "Minimum",
        "max": "Maximum",
        "std": "Standard deviation",
        "var": "Variance",
        "first": "First",
        "last": "Last",
        "mode": "Most frequent",
    }
    assert schema["properties"]["reduction"]["default"] == "count"
    assert schema["x-halftone-renderer"] == "grid"
    assert schema["additionalProperties"] is False
