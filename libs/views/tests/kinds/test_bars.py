"""Bars: a bar for each category, part of time or bin."""

import math

import pytest
from halftone.v1 import compute_pb2, frame_pb2
from halftone_servicekit.errors import HalftoneError
from halftone_views.columns import ColumnInfo, Table
from halftone_views.lattice import Address
from halftone_views.plan import resolve
from halftone_views.reduction import reductions
from halftone_views.registry import kind_schemas, validate_options
from halftone_views.view import options_json

CATEGORY = compute_pb2.TRANSFORM_CATEGORY


def test_the_first_category_is_counted(table: Table) -> None:
    view = validate_options("bars", {})
    assert view.plan(table) == compute_pb2.Plan(
        glyph=compute_pb2.GLYPH_BINS,
        x=compute_pb2.Axis(column="carrier", transform=CATEGORY),
        accumulators=[compute_pb2.ACCUMULATOR_COUNT],
    )
    assert options_json(view, table) == {
        "x": "carrier",
        "reduction": "count",
        "value": None,
        "category": None,
        "errors": "none",
        "x_scale": "linear",
        "order": "steps",
        "top": 0,
    }
    assert view.data_extent(table) == view.default_extent(table) == (0.0, 3.0, 0.0, 1.0)


@pytest.mark.parametrize("reduction", [name for name in reductions() if name != "mode"])
def test_bars_show_every_reduction_also_by_category(table: Table, reduction: str) -> None:
    options = {"reduction": reduction, "value": "delay"}
    made = validate_options("bars", {"x": "origin", **options}).plan(table)
    bins = validate_options("histogram", {"x": "delay", **options}).plan(table)
    assert (made.x.column, made.accumulators, made.value) == ("origin", bins.accumulators, bins.value)
    by = validate_options("bars", {"x": "origin", "category": "carrier", **options}).plan(table)
    assert (by.category, by.category_planes) == ("carrier", 3)


@pytest.mark.parametrize(("scale", "steps"), [("hour", 24), ("weekday", 7), ("month", 12)])
def test_parts_of_time_have_a_bar_each(table: Table, scale: str, steps: int) -> None:
    view = validate_options("bars", {"x": "date", "x_scale": scale})
    assert view.plan(table).x.transform == compute_pb2.Transform.Value(f"TRANSFORM_{scale.upper()}")
    assert view.default_extent(table) == (0.0, steps, 0.0, 1.0)
    resolved = resolve(view, table, frame_pb2.Viewport(width=1000, height=700), "p")
    assert resolved.addresses == (Address(0, 0, 0, 0),)
    assert len(resolved.x.steps) == steps


def test_numbers_are_cut_into_bins(table: Table) -> None:
    view = validate_options("bars", {"x": "distance"})
    assert view.plan(table).x.transform == compute_pb2.TRANSFORM_LINEAR
    assert view.data_extent(table) == (31.0, math.nextafter(4962.0, math.inf), 0.0, 1.0)


@pytest.mark.parametrize(
    ("options", "code", "field"),
    [
        ({"x": "made up"}, "unknown_column", "x"),
        ({"x": "note"}, "unsupported_type", "x"),
        ({"x": "id"}, "unsupported_type", "x"),
        ({"x": "carrier", "x_scale": "hour"}, "unsupported_type", "x_scale"),
        ({"x": "distance", "x_scale": "hour"}, "unsupported_type", "x_scale"),
        ({"x": "carrier", "x_scale": "log"}, "unsupported_type", "x_scale"),
    ],
)
def test_bad_axes(table: Table, options: dict[str, object], code: str, field: str) -> None:
    with pytest.raises(HalftoneError) as caught:
        validate_options("bars", options).plan(table)
    assert (caught.value.code, caught.value.field) == (code, field)


def test_a_category_is_no_scale_that_a_person_chooses() -> None:
    with pytest.raises(HalftoneError):
        validate_options("bars", {"x_scale": "category"})


@pytest.mark.parametrize(
    ("reduction", "kind", "share"),
    [("median", frame_pb2.STATISTIC_KIND_QUANTILE, 0.5), ("p95", frame_pb2.STATISTIC_KIND_QUANTILE, 0.95),
     ("distinct", frame_pb2.STATISTIC_KIND_DISTINCT, 0.0)],
)  # fmt: skip
def test_bars_show_statistics_of_all_values_in_any_order(
    table: Table, reduction: str, kind: "frame_pb2.StatisticKind.ValueType", share: float
) -> None:
    view = validate_options("bars", {"reduction": reduction, "value": "delay", "order": "greatest", "top": 1})
    plan = view.plan(table)
    assert (plan.statistic.kind, plan.statistic.share) == (kind, share)
    assert list(plan.rank.planes) == list(view.quantity(table).planes) == [frame_pb2.PLANE_ROLE_STATISTIC]
    assert view.quantity(table).error == 0
    with pytest.raises(HalftoneError) as caught:
        view.with_options(category="carrier").plan(table)
    assert (caught.value.code, caught.value.field) == ("param_invalid", "category")


def test_only_bars_have_statistics(table: Table) -> None:
    assert "median" in kind_schemas()["bars"]["properties"]["reduction"]["enum"]
    for kind in ("points", "heatmap", "histogram", "line"):
        assert "median" not in kind_schemas()[kind]["properties"]["reduction"]["enum"]
        with pytest.raises(HalftoneError) as caught:
            validate_options(kind, {"reduction": "median"})
        assert (caught.value.code, caught.value.field) == ("unknown_agg", "reduction")
    with pytest.raises(HalftoneError) as caught:
        validate_options("bars", {"reduction": "median", "value": "id"}).plan(table)
    assert (caught.value.code, caught.value.field) == ("unsupported_type", "value")


def test_different_values_of_a_column_with_many_are_an_estimate() -> None:
    columns = [ColumnInfo("c", "category", distinct=3), ColumnInfo("v", "number", "double", 0, 1, distinct=4096)]
    quantity = validate_options("bars", {"reduction": "distinct", "value": "v"}).quantity(Table.of("v", 9, columns))
    assert (quantity.label, quantity.error) == ("Distinct values of v (estimate)", 0.016)
