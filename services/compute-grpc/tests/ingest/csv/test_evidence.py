"""Cells that look like numbers and times."""

from __future__ import annotations

import pytest
from halftone_compute.ingest.csv.evidence import column_is_typed, is_missing, is_number, is_time, typed_share


@pytest.mark.parametrize(
    ("cell", "dot", "comma"),
    [
        ("1", True, True),
        ("-1.5", True, False),
        ("1,5", False, True),
        ("1.234,5", False, True),
        ("1,234.5", True, False),
        ("1'234", True, True),
        ("1 234", True, True),
        ("1,234", True, True),
        ("1e5", True, True),
        ("12 %", True, True),
        ("€ 3.50", True, False),
        ("3.5km", True, False),
        ("-inf", True, True),
        ("1.2.3", False, False),
        ("x1", False, False),
        ("51.2;10.4", False, False),
    ],
)
def test_numbers(cell: str, dot: bool, comma: bool) -> None:
    assert (is_number(cell, "."), is_number(cell, ",")) == (dot, comma)


@pytest.mark.parametrize(
    "cell",
    [
        "2020-01-01",
        "2020-01-01T10:00:00.123456789+05:30",
        "1.2.2020",
        "1/2/20 11:59 PM",
        "10:00",
        "3 May 2020",
        "May 3, 2020",
        "276:39:58",
        "2 days, 1:00:00.5",
        "-1:30:00",
        "PT1H30M",
        "P3DT2H",
    ],
)
def test_times(cell: str) -> None:
    assert is_time(cell)


@pytest.mark.parametrize("cell", ["2020", "2020-01-01 10:00:00,x,1.5", "10", "May", "P", "PT", "P.E. teacher"])
def test_no_times(cell: str) -> None:
    assert not is_time(cell)


def test_columns() -> None:
    assert typed_share(["1", "x", "NA", ""], ".") == 0.5
    assert typed_share([], ".") == 0
    assert is_missing(" NULL ")
    assert column_is_typed(["1", "NA", "2"], ".")
    assert column_is_typed(["2020-01-01"], ".")
    assert not column_is_typed(["1", "2020-01-01"], ".")
    assert not column_is_typed(["", "NA"], ".")
