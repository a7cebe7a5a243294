"""What a picture shows: label, unit, finisher and axes of every view."""

from typing import Any

import pytest
from halftone.v1 import compute_pb2, frame_pb2
from halftone_views.columns import ColumnInfo, Table
from halftone_views.plan import resolve
from halftone_views.registry import validate_options

COUNT, SUM = frame_pb2.PLANE_ROLE_COUNT, frame_pb2.PLANE_ROLE_SUM
SQUARES, CATEGORY = frame_pb2.PLANE_ROLE_SQUARES, frame_pb2.PLANE_ROLE_CATEGORY


def shown(table: Table, kind: str, **options: object) -> tuple[frame_pb2.Quantity, list[compute_pb2.ViewAxis | None]]:
    resolved = resolve(validate_options(kind, options), table, frame_pb2.Viewport(width=9, height=9), "p")
    return resolved.quantity, [resolved.x, resolved.y]


def of_values(
    label: str,
    finisher: "frame_pb2.Finisher.ValueType",
    role: "frame_pb2.PlaneRole.ValueType",
    **more: Any,  # noqa: ANN401 - passed on as they are
) -> frame_pb2.Quantity:
    return frame_pb2.Quantity(
        label=f"{label} of delay",
        finisher=finisher,
        planes=[role],
        empty=frame_pb2.EMPTY_NO_VALUE,
        value="delay",
        **more,
    )


@pytest.mark.parametrize(
    ("options", "quantity"),
    [
        (
            {"value": "delay"},
            frame_pb2.Quantity(
                label="Rows",
                unit="rows",
                finisher=frame_pb2.FINISHER_IDENTITY,
                planes=[COUNT],
                empty=frame_pb2.EMPTY_ZERO,
                grows_with_area=True,
                integer=True,
            ),
        ),
        (
            {"reduction": "any"},
            frame_pb2.Quantity(
                label="Any rows",
                finisher=frame_pb2.FINISHER_PRESENCE,
                planes=[COUNT],
                empty=frame_pb2.EMPTY_ZERO,
                integer=True,
            ),
        ),
        (
            {"category": "carrier"},
            frame_pb2.Quantity(
                label="Rows by carrier",
                unit="rows",
                finisher=frame_pb2.FINISHER_CATEGORIES,
                planes=[CATEGORY],
                empty=frame_pb2.EMPTY_ZERO,
                grows_with_area=True,
                integer=True,
                category="carrier",
            ),
        ),
        ({"reduction": "sum"}, of_values("Sum", frame_pb2.FINISHER_IDENTITY, SUM, grows_with_area=True)),
        ({"reduction": "mean"}, of_values("Mean", frame_pb2.FINISHER_RATIO, SUM, within_value=True)),
        (
            {"reduction": "min"},
            of_values("Minimum", frame_pb2.FINISHER_IDENTITY, frame_pb2.PLANE_ROLE_MIN, within_value=True),
        ),
        (
            {"reduction": "max"},
            of_values("Maximum", frame_pb2.FINISHER_IDENTITY, frame_pb2.PLANE_ROLE_MAX, within_value=True),
        ),
        ({"reduction": "std"}, of_values("Standard deviation", frame_pb2.FINISHER_DEVIATION, SQUARES)),
        ({"reduction": "var"}, of_values("Variance", frame_pb2.FINISHER_VARIANCE, SQUARES)),
        (
            {"reduction": "first"},
            of_values("First", frame_pb2.FINISHER_IDENTITY, frame_pb2.PLANE_ROLE_FIRST, within_value=True),
        ),
        (
            {"reduction": "mode", "category": "carrier"},
            frame_pb2.Quantity(
                label="Most frequent carrier",
                finisher=frame_pb2.FINISHER_MODE,
                planes=[CATEGORY],
                empty=frame_pb2.EMPTY_NO_VALUE,
                integer=True,
                category="carrier",
            ),
        ),
        (
            {"reduction": "any", "category": "carrier"},
            frame_pb2.Quantity(
                label="Any rows by carrier",
                finisher=frame_pb2.FINISHER_PRESENCE,
                planes=[CATEGORY],
                empty=frame_pb2.EMPTY_ZERO,
                integer=True,
                category="carrier",
            ),
        ),
    ],
)
def test_points_show_their_reduction(table: Table, options: dict[str, object], quantity: frame_pb2.Quantity) -> None:
    found, _ = shown(table, "points", **{"value": "delay" if options.get("reduction") else None, **options})
    assert found == quantity


def test_a_number_of_values_by_category_names_both_columns(table: Table) -> None:
    quantity, _ = shown(table, "points", reduction="mean", value="delay", category="carrier")
    expected = of_values("Mean", frame_pb2.FINISHER_RATIO, SUM, within_value=True, category="carrier")
    expected.label = "Mean of delay by carrier"
    assert quantity == expected


def test_axes_have_names_and_types(table: Table) -> None:
    _, axes = shown(table, "points", x="date", y="delay")
    linear = compute_pb2.TRANSFORM_LINEAR
    assert axes == [
        compute_pb2.ViewAxis(column="date", type=compute_pb2.COLUMN_TYPE_TIME, transform=linear, label="date"),
        compute_pb2.ViewAxis(column="delay", type=compute_pb2.COLUMN_TYPE_NUMBER, transform=linear, label="delay"),
    ]


def test_the_height_of_a_bar_is_its_number(table: Table) -> None:
    quantity, (x, y) = shown(table, "histogram", x="delay")
    assert (quantity.label, quantity.unit, quantity.finisher) == ("Rows", "rows", frame_pb2.FINISHER_IDENTITY)
    assert x is not None
    assert (x.column, y) == ("delay", None)


def test_units_and_counts_of_times_are_those_of_the_columns() -> None:
    table = Table.of(
        "v",
        3,
        [
            ColumnInfo("when", "time", min=0, max=9, time_unit="ms"),
            ColumnInfo("heat", "number", min=0, max=9, unit="K"),
        ],
    )
    quantity, (x, y) = shown(table, "points", x="when", y="heat", reduction="mean", value="heat")
    assert x is not None
    assert y is not None
    assert (x.time_unit, y.unit, quantity.unit) == (compute_pb2.TIME_UNIT_MILLISECOND, "K", "K")
    assert shown(table, "points", x="when", y="heat", reduction="var", value="heat")[0].unit == ""


def test_steps_have_labels(table: Table) -> None:
    _, (x, y) = shown(table, "heatmap", x="carrier", y="date", y_scale="month")
    assert x is not None
    assert y is not None
    assert x.type == compute_pb2.COLUMN_TYPE_CATEGORY
    assert [step.label if step.HasField("label") else None for step in x.steps] == ["AA", "UA", None]
    assert [step.label for step in y.steps][:2] == ["Jan", "Feb"]
    assert (x.label, y.label) == ("carrier", "date · Month of the year (UTC)")
    assert not shown(table, "histogram", x="date")[1][0].steps  # type: ignore[union-attr]  # x is never None
