"""The axis of steps that a table opens with."""

import pytest
from halftone_servicekit.errors import HalftoneError
from halftone_views.columns import ColumnInfo, Table
from halftone_views.default_view import default_steps

NUMBER = ColumnInfo("n", "number", min=0, max=9)


def category(name: str, codes: int) -> ColumnInfo:
    return ColumnInfo(name, "category", distinct=codes)


def test_the_first_category_that_says_something_and_that_an_axis_has_room_for() -> None:
    columns = [NUMBER, category("one", 1), category("many", 70_000), category("a", 3), category("b", 4)]
    table = Table.of("v", 9, columns)
    assert default_steps(table, "x") == "a"
    assert default_steps(table, "y", besides="a") == "b"


def test_without_one_it_is_the_axis_of_the_default_view() -> None:
    assert default_steps(Table.of("v", 9, [category("one", 1), NUMBER]), "x") == "n"
    with pytest.raises(HalftoneError, match="No column can be an axis"):
        default_steps(Table.of("v", 9, [category("one", 1)]), "x")
