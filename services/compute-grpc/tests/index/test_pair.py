"""The pair that rows are ordered by, and how much longer its cells are on x."""

from __future__ import annotations

from dataclasses import replace

import pytest
from halftone_compute.index.pair import (
    Pair,
    PairWish,
    content_hash,
    is_ordered_by,
    offset_between,
    offset_of,
    pair_of,
)
from halftone_compute.store.index import LEAF_ROWS
from halftone_compute.store.index.entry import IndexEntry
from halftone_compute.store.manifest import ColumnEntry, Manifest
from halftone_servicekit.errors import HalftoneError
from halftone_views.columns import ColumnInfo


def number(name: str, low: float, high: float) -> ColumnInfo:
    return ColumnInfo(name, "number", "double", low, high, distinct=5000, typical_min=low, typical_max=high)


def manifest(*columns: ColumnInfo, rows: int = LEAF_ROWS + 1) -> Manifest:
    return Manifest("d", "v", rows, "", tuple(ColumnEntry(column, "plain", "<f8", {}) for column in columns))


def test_the_axes_of_the_default_view() -> None:
    columns = number("height", 0, 300), number("x", 0, 4), number("y", 0, 3)
    assert pair_of(manifest(*columns)) == Pair("x", "y", 0)
    assert pair_of(manifest(number("x", 0, 4000), columns[2])) == Pair("x", "y", 9)


def test_a_map_has_square_cells() -> None:
    assert pair_of(manifest(number("lon", -180, 180), number("lat", -1, 1))) == Pair("lon", "lat", 0)


def test_few_rows_or_one_axis_have_no_pair() -> None:
    x, y = number("x", 0, 1), number("y", 0, 1)
    assert pair_of(manifest(x, y, rows=LEAF_ROWS)) is None
    assert pair_of(manifest(x)) is None
    assert pair_of(manifest()) is None
    assert pair_of(manifest(replace(x, type="text"))) is None


X, Y, V = number("x", 0, 4), number("y", 0, 3), number("v", 0, 12)
WISHED = PairWish("v", "y")


def test_a_wish_goes_before_the_default() -> None:
    assert pair_of(manifest(X, Y, V)) == Pair("x", "y", 0)
    assert pair_of(manifest(X, Y, V), WISHED) == Pair("v", "y", 1)
    assert pair_of(manifest(number("lon", -180, 180), V, number("lat", -1, 1)), PairWish("lon", "lat")) == Pair(
        "lon", "lat", 0
    )
    constant = number("c", 7, 7)
    assert pair_of(manifest(X, Y, constant), PairWish("c", "x")) == Pair("c", "x", -3)


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (PairWish("gone", "x"), "pair.x"),
        (PairWish("x", "note"), "pair.y"),
        (PairWish("x", "x"), "pair.y"),
        (PairWish("empty", "x"), "pair.x"),
        (PairWish("x", "long"), "pair.y"),
    ],
)
def test_a_wish_that_can_not_be_is_named_or_falls_to_the_default(wish: PairWish, field: str) -> None:
    note, empty = ColumnInfo("note", "text", "string"), ColumnInfo("empty", "number", "double")
    long = ColumnInfo("long", "number", "int64", 0, 2**60)
    for rows in (LEAF_ROWS + 1, 1):
        made = manifest(X, Y, note, empty, long, rows=rows)
        with pytest.raises(HalftoneError) as caught:
            pair_of(made, wish)
        assert (caught.value.code, caught.value.field) == ("param_invalid", field)
        assert pair_of(made, replace(wish, firm=False)) == pair_of(made)


def test_few_rows_have_no_pair_whatever_is_wished() -> None:
    assert pair_of(manifest(X, Y, V, rows=LEAF_ROWS), WISHED) is None


def test_another_order_is_another_content_and_the_default_is_none() -> None:
    made = replace(manifest(X, Y, V), content_hash="file")
    wished = content_hash(made, WISHED)
    assert wished.startswith("file:")
    assert len(wished) <= 128
    assert content_hash(made, PairWish("y", "v")) not in (wished, "file")
    assert content_hash(made, None) == content_hash(made, PairWish("x", "y")) == "file"
    again = replace(made, content_hash=wished)
    assert content_hash(again, WISHED) == wished
    assert content_hash(again, None) == "file"


def test_whether_rows_have_an_order() -> None:
    made = manifest(X, Y)
    assert not is_ordered_by(made, Pair("x", "y", 0))
    ordered = replace(made, index=IndexEntry("x", "y", 0, 1, (), {}))
    assert is_ordered_by(ordered, Pair("x", "y", 0))
    assert not is_ordered_by(ordered, Pair("y", "x", 0))
    assert not is_ordered_by(ordered, Pair("x", "v", 0))


def test_a_wish_is_json() -> None:
    assert PairWish.from_json(None) is None
    assert PairWish.from_json({"x": "a", "y": "b", "firm": False}) == PairWish("a", "b", firm=False)


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [
        ((0, 4), (0, 3), 0),
        ((0, 4.1), (0, 3), 0),
        ((0, 3.9), (0, 3), -1),
        ((-8.1, 8.1), (0, 3), 2),
        ((0, 4e300), (0, 3e-300), 1993),
    ],
)
def test_an_offset_is_rounded_down(x: tuple[float, float], y: tuple[float, float], expected: int) -> None:
    assert offset_of(number("x", *x), number("y", *y)) == expected


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [
        ((-568320.0, -454656.0), (0.0, 666.0), 7),
        ((-7648.0, -3824.0), (0.0, 717.0), 2),
        ((-7648.0, -3824.0), (0.0, 717.0000001), 1),
        ((-(2.0**1000), 2.0**1000), (0.0, 3 * 2.0**-1000), 1999),
    ],
)
def test_a_power_of_two_is_not_rounded_further(x: tuple[float, float], y: tuple[float, float], expected: int) -> None:
    assert offset_between(x, y) == expected
