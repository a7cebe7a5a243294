"""Heat maps: categories, parts of time and bins on both axes."""

import pytest
from halftone.v1 import compute_pb2, frame_pb2
from halftone_servicekit.errors import HalftoneError
from halftone_views.columns import ColumnInfo, Table
from halftone_views.lattice import Address
from halftone_views.plan import resolve
from halftone_views.registry import validate_options
from halftone_views.view import options_json


def test_the_first_two_categories_are_the_axes(table: Table) -> None:
    view = validate_options("heatmap", {})
    assert {name: options_json(view, table)[name] for name in "xy"} == {"x": "carrier", "y": "origin"}
    plan = view.plan(table)
    assert plan.glyph == compute_pb2.GLYPH_POINTS
    assert plan.x.transform == plan.y.transform == compute_pb2.TRANSFORM_CATEGORY
    assert view.data_extent(table) == view.default_extent(table) == (0.0, 3.0, 0.0, 300.0)
    assert not view.is_map(table)


def test_hours_by_weekdays_are_one_tile(table: Table) -> None:
    options = {"x": "date", "x_scale": "hour", "y": "date", "y_scale": "weekday", "reduction": "mean", "value": "delay"}
    resolved = resolve(validate_options("heatmap", options), table, frame_pb2.Viewport(width=900, height=500), "p")
    assert resolved.addresses == (Address(0, 0, 0, 0),)
    assert resolved.y is not None
    assert [len(resolved.x.steps), len(resolved.y.steps)] == [24, 7]
    assert resolved.viewport.width == 900


def test_a_category_by_bins_has_cells_one_step_wide() -> None:
    rows = [ColumnInfo("c", "category", distinct=300), ColumnInfo("v", "number", min=0, max=1000)]
    view = validate_options("heatmap", {"x": "c", "y": "v"})
    resolved = resolve(view, Table.of("v", 9, rows), frame_pb2.Viewport(width=100, height=100), "p")
    assert resolved.addresses is not None
    assert {(each.ex, each.ix, each.ey) for each in resolved.addresses} == {(0, 0, 4), (0, 1, 4)}


@pytest.mark.parametrize("x", ["made up", "note"])
def test_bad_columns(table: Table, x: str) -> None:
    with pytest.raises(HalftoneError) as caught:
        validate_options("heatmap", {"x": x}).default_extent(table)
    assert caught.value.field == "x"
