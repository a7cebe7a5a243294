"""Columns cross the wire unchanged, and say how far they can be trusted as an axis."""

import math

import pytest
from google.protobuf import json_format
from halftone.v1 import compute_pb2
from halftone_views.columns import TYPES, ColumnInfo, Table
from hypothesis import given
from hypothesis import strategies as st

counts = st.integers(0, 2**64 - 1)
finite = st.none() | st.floats(allow_nan=False, allow_infinity=False)
infos = st.builds(
    ColumnInfo,
    name=st.text(),
    type=st.sampled_from(TYPES),
    dtype=st.text(),
    min=finite,
    max=finite,
    nulls=counts,
    distinct=counts,
    least_positive=finite,
    categories=st.lists(st.tuples(st.none() | st.text(), counts), max_size=3).map(tuple),
)


@pytest.mark.parametrize(
    ("column", "rows", "fits"),
    [
        (ColumnInfo("a", "number", "int64", -(2.0**40), 2.0**10), 2**23 - 1, True),
        (ColumnInfo("a", "number", "int64", -(2.0**40), 2.0**10), 2**23, False),
        (ColumnInfo("a", "time", "timestamp[us]", 0, 2.0**10), 2**50, True),
        (ColumnInfo("a", "number", "double", 0, 1), 1, False),
        (ColumnInfo("a", "number", "uint8"), 2**60, True),
    ],
)
def test_whole_sums_fit_int64_or_not(column: ColumnInfo, rows: int, *, fits: bool) -> None:
    assert column.sums_fit(rows) is fits


@given(infos)
def test_a_column_goes_over_both_wires_and_back(info: ColumnInfo) -> None:
    assert ColumnInfo.from_proto(info.to_proto()) == info
    assert ColumnInfo.from_json(json_format.MessageToDict(info.to_proto())) == info


@pytest.mark.parametrize(
    "column",
    [
        {"name": "x"},
        {"name": "x", "type": "COLUMN_TYPE_MOOD"},
        {"name": "x", "type": "COLUMN_TYPE_NUMBER", "colour": "red"},
        {"name": "x", "type": "COLUMN_TYPE_NUMBER", "min": "NaN"},
        {"name": "x", "type": "COLUMN_TYPE_NUMBER", "max": "Infinity"},
        {"name": 3, "type": "COLUMN_TYPE_NUMBER"},
    ],
)
def test_what_is_no_column_is_refused(column: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="column"):
        ColumnInfo.from_json(column)


def test_an_unknown_type_of_a_newer_peer_is_refused() -> None:
    with pytest.raises(ValueError, match="99"):
        ColumnInfo.from_proto(compute_pb2.Column(name="x", type=compute_pb2.ColumnType.ValueType(99)))


@pytest.mark.parametrize(
    ("column", "is_exact"),
    [
        (ColumnInfo("x", "number", "int64", 0, 2.0**53 - 1), True),
        (ColumnInfo("x", "number", "int64", 0, 2.0**53), False),
        (ColumnInfo("x", "number", "uint64", 0, 1.8e19), False),
        (ColumnInfo("x", "number", "int64", -(2.0**53), 0), False),
        (ColumnInfo("x", "number", "int64"), True),
        (ColumnInfo("x", "number", "double", -1e300, 1e300), True),
        (ColumnInfo("x", "time", "timestamp[us]", 0, 1.7e15), True),
        (ColumnInfo("x", "time", "timestamp[us]", 0, 2.5e17), False),
    ],
)
def test_integers_beyond_float64_are_not_exact(column: ColumnInfo, is_exact: bool) -> None:
    assert column.is_exact is is_exact


def test_missing_rows_count_as_a_category() -> None:
    categories = (("a", 3), (None, 2), ("b", 1))
    assert ColumnInfo("c", "category", distinct=2, categories=categories).category_codes == 3
    assert ColumnInfo("c", "category", distinct=900, categories=categories).category_codes == 900


def test_a_table_keeps_the_order_of_its_columns() -> None:
    table = Table.of("v", 3, [ColumnInfo("b", "number"), ColumnInfo("a", "text")])
    assert list(table.columns) == ["b", "a"]
    assert not math.isnan(table.rows)
