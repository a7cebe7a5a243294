"""The pair that rows are ordered by, and how much longer its cells are on x."""

from __future__ import annotations

from dataclasses import replace

import pytest
from halftone_compute.index.pair import Pair, offset_between, offset_of, pair_of
from halftone_compute.store.index import LEAF_ROWS
from halftone_compute.store.manifest import ColumnEntry, Manifest
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
