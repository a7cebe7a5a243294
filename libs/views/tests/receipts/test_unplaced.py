"""Rows without a place, from statistics alone; where these do not tell, that is said."""

import pytest
from halftone.v1 import compute_pb2
from halftone.v1.frame_pb2 import Unplaced
from halftone_views.columns import ColumnInfo
from halftone_views.receipts import has_place, stored_missing, unplaced_of


def column(name: str, **more: object) -> ColumnInfo:
    values: dict[str, object] = {"min": 0, "max": 9, "typical_min": 0, "typical_max": 9, **more}
    return ColumnInfo(name, "number", "double", **values)  # type: ignore[arg-type]  # keywords of the test


def found(*columns: ColumnInfo, x: str = "a", y: str = "b", value: str = "", flat: bool = False) -> Unplaced | None:
    glyph = compute_pb2.GLYPH_BINS if flat else compute_pb2.GLYPH_POINTS
    plan = compute_pb2.Plan(glyph=glyph, x=compute_pb2.Axis(column=x), value=value)
    if not flat:
        plan.y.column = y
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


def test_places_and_what_is_stored_as_missing() -> None:
    assert [has_place(value) for value in (-(2.0**1000), 2.0**1000, 1.7e308, 0.0)] == [True, False, False, True]
    assert stored_missing(ColumnInfo("a", "time", out_of_range=2)) == "out_of_range"
    assert stored_missing(ColumnInfo("a", "time", out_of_range=2, nulls=1)) == "missing"
    assert stored_missing(ColumnInfo("a", "time")) == "missing"
