"""Columns of types of their own, changed as wished."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from halftone_compute.ingest.reading import ColumnReading, Unreadable, UnreadableCell, Wishes
from halftone_servicekit.errors import ErrorCode, HalftoneError
from ingest_rig.typed import POINT, typed, wish


def test_wishes() -> None:
    wishes = wish(
        t={"type": "time", "format": "epoch_s", "name": "when"},
        n={"unit": "km", "missing": ["-9999", "x"]},
        c={"type": "category"},
        b={"type": "number"},
        gone={"leave_out": True},
        s={"missing": ["none"]},
    )
    columns = {
        "t": [1_700_000_000],
        "n": [-9999],
        "c": [5],
        "b": [True],
        "gone": [1],
        "s": pa.array(["none"]).dictionary_encode(),
    }
    table, found = typed(columns, wishes)
    assert {name: str(cells[0]) for name, cells in found.items()} == {
        **{"when": "2023-11-14 22:13:20", "n": "None", "c": "5", "b": "1.0", "s": "None"}
    }
    assert table.reading.columns[0] == ColumnReading("t", "when", "time", "epoch_s", suggest=("number", ""))
    assert table.reading.columns[1] == ColumnReading("n", "n", "number", unit="km", missing=("-9999", "x"))
    assert [column.source for column in table.reading.columns if column.leave_out] == ["gone"]


def test_one_half_of_a_point_can_be_left_out() -> None:
    table, found = typed({"g": pa.array([POINT])}, Wishes(columns={"g.x": {"leave_out": True}}))
    assert found == {"g.y": [2.5]}
    assert [column.leave_out for column in table.reading.columns] == [True, False]


@pytest.mark.parametrize(
    ("source", "changes"),
    [
        ("t", {"type": "number"}),
        ("s", {"type": "colour"}),
        ("n", {"type": "time", "format": "%d"}),
        ("g.x", {"type": "time"}),
    ],
)
def test_wishes_that_do_not_fit(source: str, changes: dict[str, Any]) -> None:
    columns = {"t": [date(2020, 1, 1)], "s": ["a"], "n": [1], "g": pa.array([POINT])}
    with pytest.raises(HalftoneError) as caught:
        typed(columns, Wishes(columns={source: changes}))
    assert (caught.value.code, caught.value.field) == (ErrorCode.PARAM_INVALID, f"reading.columns.{source}.type")
    loose, _ = typed(columns, Wishes(columns={source: changes, "older": {}}, firm=False))
    assert len(loose.columns) == 5


def test_text_is_read_as_numbers_and_times() -> None:
    columns = {
        "n": ["1,234", "-5", "NA", "soon"],
        "t": pa.array(["31.12.2020", "01.01.2021 10:00", None, "31.02.2021"]).dictionary_encode(),
        "code": ["007", "8", "9", "10"],
    }
    table, found = typed(columns, wish(n={"type": "number"}, t={"type": "time"}, code={"type": "number"}))
    assert found["n"] == [1234, -5, None, None]
    assert [str(cell) for cell in found["t"]] == ["2020-12-31 00:00:00", "2021-01-01 10:00:00", "None", "None"]
    assert found["code"] == [None, 8, 9, 10]
    assert table.unreadable == {
        "n": Unreadable(1, (UnreadableCell(4, "soon"),)),
        "t": Unreadable(1, (UnreadableCell(4, "31.02.2021"),)),
        "code": Unreadable(1, (UnreadableCell(1, "007"),)),
    }
    assert [(column.type, column.format) for column in table.reading.columns] == [
        ("number", ""),
        ("time", "%d.%m.%Y"),
        ("number", ""),
    ]


def test_text_that_does_not_fit_the_version_before_stays_text() -> None:
    before = {"a": {"type": "number"}, "b": {"type": "time", "format": "iso"}}
    columns = {"a": ["x", "2"], "b": ["2020-01-01", "2020-01-02"]}
    _, found = typed(columns, Wishes(columns=before, firm=False))
    assert found["a"] == ["x", "2"]
    assert str(found["b"][0]) == "2020-01-01 00:00:00"


def test_a_format_that_is_none() -> None:
    with pytest.raises(HalftoneError) as caught:
        typed({"s": ["a"]}, wish(s={"type": "time", "format": "klingon"}))
    assert (caught.value.code, caught.value.field) == (ErrorCode.PARAM_INVALID, "reading.columns.s.format")
