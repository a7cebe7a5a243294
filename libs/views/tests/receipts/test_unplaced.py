"""Rows without a place, from statistics alone; where these do not tell, that is said."""

import pytest
from halftone.v1 import compute_pb2
from halftone.v1.frame_pb2 import Unplaced
from halftone_views.columns import ColumnInfo
from halftone_views.receipts import stored_missing, unplaced_of
from halftone_views.receipts.unplaced import PlacedBy, axes_of

LINEAR, LOG10 = compute_pb2.TRANSFORM_LINEAR, compute_pb2.TRANSFORM_LOG10


def column(name: str, **more: object) -> ColumnInfo:
    values: dict[str, object] = {"min": 0, "max": 9, "typical_min": 0, "typical_max": 9, **more}
    return ColumnInfo(name, "number", "double", **values)  # type: ignore[arg-type]  # keywords of the test


def axis(column: str, transform: "compute_pb2.Transform.ValueType") -> compute_pb2.Axis:
    return compute_pb2.Axis(column=column, transform=transform)


def found(
    *columns: ColumnInfo,
    x: str = "a",
    y: str = "b",
    value: str = "",
    flat: bool = False,
    scale: "compute_pb2.Transform.ValueType" = LINEAR,
) -> Unplaced | None:
    glyph = compute_pb2.GLYPH_BINS if flat else compute_pb2.GLYPH_POINTS
    plan = compute_pb2.Plan(glyph=glyph, x=axis(x, LINEAR), y=None if flat else axis(y, scale), value=value)
    return unplaced_of(plan, {each.name: each for each in columns})


SOUND = column("b")
HOLES = column("a", nulls=3, unreadable=2, infinite=4)


def test_one_column_says_it_all() -> None:
    assert found(column("a"), SOUND) == Unplaced()
    assert found(HOLES, SOUND) == Unplaced(missing=5, infinite=4)
    assert found(HOLES, flat=True) == Unplaced(missing=5, infinite=4)
    assert found(HOLES, y="a") == Unplaced(missing=5, infinite=4)
    when = ColumnInfo("a", "time", min=0, max=9, out_of_range=2)
    assert found(when, SOUND) == Unplaced(out_of_range=2)


def test_a_value_that_is_missing_or_infinite_takes_no_place_away() -> None:
    value = column("c", nulls=3, infinite=4)
    assert found(column("a"), SOUND, value, value="c") == Unplaced(value_missing=3, value_infinite=4)
    assert found(HOLES, SOUND, value="a") == Unplaced(missing=5, infinite=4)


@pytest.mark.parametrize(
    "columns",
    [
        # Two columns are concerned, so that one row may be counted in both.
        (HOLES, column("b", nulls=1)),
        # Beyond the lattice.
        (column("a", max=1.7e308), SOUND),
        # Of a version that was made before infinite values were counted.
        (ColumnInfo("a", "number", "double", 0, 9), SOUND),
        (ColumnInfo("a", "number", "double"), SOUND),
    ],
)
def test_rows_are_read_where_statistics_do_not_tell(columns: tuple[ColumnInfo, ...]) -> None:
    assert found(*columns) is None


def test_whole_numbers_are_never_infinite() -> None:
    assert found(ColumnInfo("a", "number", "int64", 0, 9, nulls=1), SOUND) == Unplaced(missing=1)


def test_a_scale_without_a_place_for_some_value_has_rows_read() -> None:
    above = column("b", min=1e-300, max=1.7e308)
    assert found(column("a"), above, scale=LOG10) == Unplaced()
    assert found(column("a"), above) is None
    assert found(HOLES, above, scale=LOG10) == Unplaced(missing=5, infinite=4)
    assert found(column("a"), column("b"), scale=LOG10) is None
    assert found(column("a"), column("b", min=-2), scale=LOG10) is None
    # The same column on both axes, with a place on one of them.
    assert found(column("a"), y="a", scale=LOG10) is None


def test_an_axis_is_its_column_and_its_transform() -> None:
    plan = compute_pb2.Plan(glyph=compute_pb2.GLYPH_POINTS, x=axis("a", LINEAR), y=axis("a", LINEAR))
    assert axes_of(plan) == (PlacedBy("a", LINEAR),)
    plan.y.transform = LOG10
    assert axes_of(plan) == (PlacedBy("a", LINEAR), PlacedBy("a", LOG10))


def test_what_is_stored_as_missing() -> None:
    assert stored_missing(ColumnInfo("a", "time", out_of_range=2)) == "out_of_range"
    assert stored_missing(ColumnInfo("a", "time", out_of_range=2, nulls=1)) == "missing"
    assert stored_missing(ColumnInfo("a", "time")) == "missing"


def test_on_an_axis_of_categories_every_row_has_a_place() -> None:
    carrier = ColumnInfo("a", "category", "string", nulls=3, distinct=4)
    plan = compute_pb2.Plan(glyph=compute_pb2.GLYPH_BINS, x=axis("a", compute_pb2.TRANSFORM_CATEGORY), value="b")
    assert unplaced_of(plan, {"a": carrier, "b": column("b", nulls=2)}) == Unplaced(value_missing=2)
    when = ColumnInfo("a", "time", min=0, max=9, nulls=3)
    hours = compute_pb2.Plan(glyph=compute_pb2.GLYPH_BINS, x=axis("a", compute_pb2.TRANSFORM_HOUR))
    assert unplaced_of(hours, {"a": when}) == Unplaced(missing=3)
