"""Cells as text: what is stored, in the shortest way that loses nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pytest
from halftone_compute.ingest.columns import Cells, source_column
from halftone_compute.ingest.sandbox.cells import texts

TIME = datetime(2019, 1, 16, 10, 0, 2, 123456, UTC)


@pytest.mark.parametrize(
    ("array", "wanted"),
    [
        (pa.array([1.5, -2.0, None, float("nan"), float("inf"), 0.1]), ["1.5", "-2", None, None, "inf", "0.1"]),
        (pa.array([0.1], pa.float32()), ["0.1"]),
        (pa.array([2**63 - 1, None, -5]), ["9223372036854775807", None, "-5"]),
        (pa.array([TIME, None], pa.timestamp("us", "UTC")), ["2019-01-16T10:00:02.123456Z", None]),
        (pa.array([18_000], pa.date32()), ["2019-04-14T00:00:00Z"]),
        (pa.array([True, None]), ["true", None]),
        (pa.array(["a", None, "b"]).dictionary_encode(), ["a", None, "b"]),
    ],
)
def test_a_cell_is_what_is_stored(array: Cells, wanted: list[str | None]) -> None:
    column = source_column("x", array.type)
    assert column is not None
    assert texts(array, column) == wanted
