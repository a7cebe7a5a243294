from typing import Any

import pytest
from analytics.jobs.pairs import check, wish_of
from analytics.models import Version
from halftone_servicekit.errors import HalftoneError

COLUMNS: list[dict[str, Any]] = [
    {"name": "x", "type": "COLUMN_TYPE_NUMBER", "min": 0},
    {"name": "t", "type": "COLUMN_TYPE_TIME", "min": 1},
    {"name": "kind", "type": "COLUMN_TYPE_CATEGORY"},
    {"name": "note", "type": "COLUMN_TYPE_TEXT"},
    {"name": "empty", "type": "COLUMN_TYPE_NUMBER"},
]


def test_numbers_and_times_order_rows() -> None:
    check(COLUMNS, {"x": "x", "y": "t"}, "")


@pytest.mark.parametrize(
    ("pair", "field", "reason"),
    [
        ({"x": "gone", "y": "t"}, "pair.x", "There is no such column."),
        ({"x": "x", "y": "kind"}, "pair.y", "Rows are ordered by columns of numbers or times."),
        ({"x": "note", "y": "x"}, "pair.x", "Rows are ordered by columns of numbers or times."),
        ({"x": "x", "y": "empty"}, "pair.y", "This column has no value."),
    ],
)
def test_other_columns_are_named_with_the_reason(pair: dict[str, str], field: str, reason: str) -> None:
    with pytest.raises(HalftoneError) as caught:
        check(COLUMNS, pair, "pair.")
    assert (caught.value.code, caught.value.field, caught.value.detail) == ("param_invalid", field, reason)


def test_a_person_s_wish_is_firm_and_that_of_the_version_before_is_not() -> None:
    pair, before = {"x": "x", "y": "t"}, Version(pair={"x": "t", "y": "x"})
    assert wish_of(pair, before) == {"x": "x", "y": "t", "firm": True}
    assert wish_of({}, before) == {"x": "t", "y": "x", "firm": False}
    assert wish_of({}, Version(pair={})) is None
    assert wish_of({}, None) is None
