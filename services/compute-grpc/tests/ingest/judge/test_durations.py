"""Durations are numbers of seconds."""

import pyarrow as pa
import pytest
from halftone_compute.ingest.judge.durations import is_duration, seconds


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1:23:45", 5025.0),
        ("-0:00:01.5", -1.5),
        ("100:00:00", 360_000.0),
        ("1 day, 2:03:04", 93_784.0),
        ("0 days 00:00:05,25", 5.25),
        ("PT5S", 5.0),
        ("P1DT2H3M4.5S", 93_784.5),
        ("P", None),
        ("PT", None),
        ("1:60:00", None),
        ("12:30", None),
        ("x", None),
    ],
)
def test_seconds_of(cell: str, value: float | None) -> None:
    cells = pa.array([cell, None])
    assert seconds(cells).to_pylist() == [value, None]
    assert is_duration(cells).tolist() == [value is not None, False]
