"""What each type becomes, or why it is left out."""

from __future__ import annotations

from datetime import time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from ingest_rig.typed import LINE, typed, wish

if TYPE_CHECKING:
    from halftone_compute.ingest.columns import Cells


def test_numbers_of_seconds() -> None:
    table, found = typed(
        {
            "d": pa.array([timedelta(milliseconds=1_500), None], pa.duration("ms")),
            "t32": pa.array([time(0, 1), None], pa.time32("s")),
            "t64": pa.array([time(0, 0, 0, 5), None], pa.time64("ns")),
        }
    )
    assert found == {"d": [1.5, None], "t32": [60.0, None], "t64": [0.000005, None]}
    assert {column.unit for column in table.reading.columns} == {"s"}


def test_decimals_that_a_number_would_shorten_are_text_by_note() -> None:
    table, found = typed({"p": pa.array([Decimal("12345678901234567.5")], pa.decimal128(20, 2))})
    assert found == {"p": ["12345678901234567.50"]}
    [column] = table.reading.columns
    assert (column.type, column.suggest) == ("category", ("number", ""))
    assert [warning.code for warning in table.reading.warnings] == ["exact_text"]
    _, rounded = typed(
        {"p": pa.array([Decimal("12345678901234567.5")], pa.decimal128(20, 2))}, wish(p={"type": "number"})
    )
    assert rounded == {"p": [12345678901234567.5]}


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (pa.array([[1]]), "its cells are lists, and a column holds one value a row"),
        (pa.array([{}], pa.struct([])), "its cells are maps or structs, and a column holds one value a row"),
        (pa.array([b"abc"]), "its cells are bytes"),
        (pa.array([LINE]), "its cells are geometries of the kind LINESTRING, not points"),
        (
            pa.array([None], pa.month_day_nano_interval()),
            "the type month_day_nano_interval is none that can be drawn or counted",
        ),
    ],
)
def test_what_is_left_out_says_why(cells: Cells, reason: str) -> None:
    table, found = typed({"a": [1], "b": cells})
    assert found == {"a": [1]}
    [skipped], [warning] = table.skipped, table.reading.warnings
    assert (skipped.name, skipped.reason) == ("b", "unsupported_type")
    assert (warning.code, warning.text, warning.column) == ("left_out", f"b is left out: {reason}.", "b")
