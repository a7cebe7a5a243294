"""Histogram: one column in bins, whatever y says."""

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


def test_the_first_column_that_can_be_an_axis_is_counted(table: Table) -> None:
    view = validate_options("histogram", {})
    assert view.plan(table) == compute_pb2.Plan(
        glyph=compute_pb2.GLYPH_BINS,
        x=compute_pb2.Axis(column="date", transform=compute_pb2.TRANSFORM_LINEAR),
        accumulators=[compute_pb2.ACCUMULATOR_COUNT],
    )
    assert options_json(view, table) == {
        "x": "date",
        "reduction": "count",
        "value": None,
        "category": None,
        "x_scale": "linear",
        "bins": 0,
        "bin_width": 0.0,
    }


@pytest.mark.parametrize("reduction", [name for name in reductions() if name != "mode"])
def test_bins_show_every_reduction_also_by_category(table: Table, reduction: str) -> None:
    options = {"x": "date", "reduction": reduction, "value": "delay"}
    made = validate_options("histogram", options).plan(table)
    points = validate_options("points", {"y": "delay", **options}).plan(table)
    assert (made.accumulators, made.value, made.category) == (points.accumulators, points.value, "")
    by = validate_options("histogram", {**options, "category": "carrier"}).plan(table)
    assert (by.accumulators, by.category, by.category_planes) == (made.accumulators, "carrier", 3)


def test_the_data_extent_has_no_y(table: Table) -> None:
    extent = validate_options("histogram", {"x": "delay"}).data_extent(table)
    assert extent == (-60.0, math.nextafter(1439.0, math.inf), 0.0, 1.0)


def test_a_histogram_opens_with_nearly_all() -> None:
    fare = ColumnInfo("fare", "number", min=0, max=9000, typical_min=2, typical_max=70)
    view, table = validate_options("histogram", {}), Table.of("v", 9, [fare])
    assert view.default_extent(table) == pytest.approx((2, 70, 0, 1))
    assert not view.is_map(table)


def test_bins_of_a_logarithmic_axis(table: Table) -> None:
    view = validate_options("histogram", {"x": "distance", "x_scale": "log"})
    assert view.plan(table).x == compute_pb2.Axis(column="distance", transform=compute_pb2.TRANSFORM_LOG10)
    for extent in (view.data_extent(table), view.default_extent(table)):
        assert extent == pytest.approx((math.log10(31), math.log10(4962), 0, 1))
    with pytest.raises(HalftoneError, match="date is times") as caught:
        validate_options("histogram", {"x": "date", "x_scale": "log"}).plan(table)
    assert (caught.value.code, caught.value.field) == ("unsupported_type", "x_scale")


@pytest.mark.parametrize(
    ("column", "code"), [("made up", "unknown_column"), ("carrier", "unsupported_type"), ("id", "unsupported_type")]
)
def test_bad_columns(table: Table, column: str, code: str) -> None:
    with pytest.raises(HalftoneError) as caught:
        validate_options("histogram", {"x": column}).plan(table)
    assert (caught.value.code, caught.value.field) == (code, "x")


def test_the_height_of_the_picture_changes_nothing(table: Table) -> None:
    view = validate_options("histogram", {"x": "delay"})
    for exact in (False, True):
        low = resolve(view, table, frame_pb2.Viewport(width=500, height=1, exact_viewport=exact), "p")
        high = resolve(view, table, frame_pb2.Viewport(width=500, height=900, exact_viewport=exact), "p")
        assert low.piece_ids == high.piece_ids
        assert high.viewport.height == 900


def test_bins_are_lattice_cells(table: Table) -> None:
    viewport = frame_pb2.Viewport(extent=frame_pb2.Extent(x0=0, x1=1000), width=500, height=100)
    resolved = resolve(validate_options("histogram", {"x": "delay"}), table, viewport, "p")
    assert resolved.addresses == (Address(1, 0, 0, 0), Address(1, 1, 0, 0))
    assert resolved.viewport.extent == (0, 1000, 0, 1)


def test_bars_are_drawn() -> None:
    assert kind_schemas()["histogram"]["x-halftone-renderer"] == "bars"


def test_bins_of_a_width_are_the_cells_of_an_axis_in_bins(table: Table) -> None:
    view = validate_options("histogram", {"x": "date", "bin_width": 3600})
    assert view.plan(table).x == compute_pb2.Axis(column="date", transform=compute_pb2.TRANSFORM_LINEAR, width=3.6e9)
    assert view.data_extent(table) == view.default_extent(table) == (250_000.0, 252_778.0, 0.0, 1.0)
    tenths = validate_options("histogram", {"x": "distance", "x_scale": "log", "bin_width": 0.1})
    assert tenths.plan(table).x.width == 0.1
    assert tenths.data_extent(table) == (14.0, 37.0, 0.0, 1.0)
    resolved = resolve(tenths, table, frame_pb2.Viewport(width=1000, height=1), "p")
    # Cells are never shorter than a bin.
    assert resolved.addresses == (Address(0, 0, 0, 0),)
    assert resolved.x.width == 0.1
    whole = resolve(tenths, table, frame_pb2.Viewport(width=1000, height=1, exact_viewport=True), "p").whole
    assert (whole.x0, whole.x1, whole.width) == (13.0, 38.0, 25)


def test_at_most_so_many_bins_are_in_view(table: Table) -> None:
    asked = frame_pb2.Viewport(extent=frame_pb2.Extent(x0=0, x1=1000, y0=0, y1=1), width=1000, height=1)
    for bins, exponent in ((0, 0), (40, 5), (1, 10)):
        resolved = resolve(validate_options("histogram", {"x": "distance", "bins": bins}), table, asked, "p")
        assert resolved.addresses is not None
        assert resolved.addresses[0].ex == exponent
    assert "x-halftone-scale" not in kind_schemas()["histogram"]["properties"]["bins"]
    assert kind_schemas()["histogram"]["properties"]["bin_width"]["x-halftone-scale"] is True


@pytest.mark.parametrize("options", [{"x": "date", "bin_width": 1e-9}, {"x": "distance", "bin_width": 1e-13}])
def test_bins_that_no_number_tells_apart_are_refused(table: Table, options: dict[str, object]) -> None:
    view = validate_options("histogram", options)
    for ask in (view.plan, view.data_extent):
        with pytest.raises(HalftoneError) as caught:
            ask(table)
        assert (caught.value.code, caught.value.field) == ("param_out_of_range", "bin_width")


@pytest.mark.parametrize("width", [-1, math.nan, "5 min", True])
def test_a_width_is_a_number_from_0_on(width: object) -> None:
    with pytest.raises(HalftoneError) as caught:
        validate_options("histogram", {"bin_width": width})
    assert caught.value.field == "bin_width"
