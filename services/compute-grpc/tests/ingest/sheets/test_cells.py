"""A cell as text is the same value when it is judged."""

from __future__ import annotations

import datetime as dt

import pytest
from halftone_compute.ingest.judge.columns import TextColumns
from halftone_compute.ingest.reading import Wishes
from halftone_compute.ingest.sheets.cells import Cell, text_of
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import array


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("", ""),
        ("007", "007"),
        (7, "7"),
        (7.0, "7"),
        (-0.5, "-0.5"),
        (1e300, "1e+300"),
        (12345678901234567890.0, "1.2345678901234567e+19"),
        (True, "true"),
        (False, "false"),
        (dt.date(2020, 1, 2), "2020-01-02"),
        (dt.datetime(2020, 1, 2, 3, 4, 5, 6), "2020-01-02T03:04:05.000006"),  # noqa: DTZ001 - a sheet knows no zone
        (dt.time(3, 4, 5), "03:04:05"),
        (dt.timedelta(days=1, hours=6, seconds=1), "30:00:01"),
        (dt.timedelta(seconds=-90, microseconds=500_000), "-0:01:29.500000"),
    ],
)
def test_texts(cell: Cell, text: str) -> None:
    assert text_of(cell) == text


def test_other_cells_are_none() -> None:
    with pytest.raises(TypeError):
        text_of(b"x")  # type: ignore[arg-type]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=5))
def test_numbers_come_back(values: list[float]) -> None:
    assert _judged(list(values)) == [float(value) for value in values]


@given(st.lists(st.datetimes(min_value=dt.datetime(1, 1, 1)), min_size=1, max_size=5))  # noqa: DTZ001
def test_times_come_back(values: list[dt.datetime]) -> None:
    assert _judged(list(values)) == values


@given(st.lists(st.timedeltas(dt.timedelta(days=-(10**5)), dt.timedelta(days=10**5)), min_size=1, max_size=5))
def test_durations_come_back(values: list[dt.timedelta]) -> None:
    assert _judged(list(values)) == pytest.approx([value.total_seconds() for value in values], rel=1e-15)


def _judged(cells: list[Cell]) -> list[object]:
    texts = array(list(map(text_of, cells)))
    columns = TextColumns(["a"], Wishes())
    columns.add([texts])
    columns.finish()
    return [_plain(value) for value in columns.converted(0, texts).array.to_pylist()]


def _plain(value: object) -> object:
    return float(value) if isinstance(value, int) else value
