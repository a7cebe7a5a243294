"""The axis that a person did not choose."""

import pytest
from halftone_servicekit.errors import HalftoneError
from halftone_views.columns import ColumnInfo, Table
from halftone_views.default_view import default_axis

V = ColumnInfo("v", "number", "double", 0, 9, distinct=5)
W = ColumnInfo("w", "number", "double", 0, 9, distinct=7)
ID = ColumnInfo("id", "number", "int64", 0, 9, distinct=9)
BIG = ColumnInfo("big", "number", "int64", 0, 2.0**60)
EMPTY = ColumnInfo("empty", "number", "double")


def test_axes_are_those_of_the_default_view() -> None:
    table = Table.of("t", 3, [EMPTY, ID, V, W])
    assert (default_axis(table, "x"), default_axis(table, "y")) == ("v", "w")
    assert (default_axis(table, "x", besides="v"), default_axis(table, "y", besides="w")) == ("w", "v")


def test_an_identifier_is_better_than_the_same_column_twice() -> None:
    assert default_axis(Table.of("t", 3, [ID, V]), "y", besides="v") == "id"
    assert default_axis(Table.of("t", 3, [BIG, V]), "y", besides="v") == "v"


def test_an_empty_column_is_taken_only_when_there_is_no_other() -> None:
    assert default_axis(Table.of("t", 3, [EMPTY, V]), "y", besides="v") == "v"
    assert default_axis(Table.of("t", 3, [BIG, EMPTY]), "x") == "empty"


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ([], "no columns that can be read"),
        (
            [BIG, ColumnInfo("note", "text"), ColumnInfo("c", "category")],
            "big holds whole numbers from 2..53 on; note is",
        ),
        ([ColumnInfo(f"c{i}", "category") for i in range(7)], "c4 is a category; and 2 more"),
    ],
)
def test_the_reason_is_given_when_there_is_none(columns: list[ColumnInfo], reason: str) -> None:
    with pytest.raises(HalftoneError, match=reason) as caught:
        default_axis(Table.of("t", 3, columns), "y")
    assert (caught.value.code, caught.value.field) == ("param_invalid", "y")
