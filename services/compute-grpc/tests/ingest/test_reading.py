"""A reading is plain JSON; wishes name only what a reading has."""

import json

import pytest
from halftone_compute.ingest.reading import ColumnReading, Dialect, Reading, ReadingWarning, Wishes
from halftone_servicekit.errors import ErrorCode, HalftoneError


@pytest.mark.parametrize(
    "reading",
    [
        Reading("parquet", ()),
        Reading(
            "csv",
            (ColumnReading("a b", "a_b", "number", "%", "m", ("-9999",)),
             ColumnReading("t", "t", "number", suggest=("time", "epoch_s"))),
            Dialect(";", decimal=",", above=2),
            (ReadingWarning("units", "units: M1 [C]", "M1"),),
        ),
        Reading("excel", (), Dialect("", "", encoding="", sheet="A"), sheets=("A", "B")),
    ],
)  # fmt: skip
def test_a_reading_survives_json(reading: Reading) -> None:
    assert Reading.from_json(json.loads(json.dumps(reading.as_json()))) == reading


def test_wishes_are_read() -> None:
    wishes = Wishes.from_json({"dialect": {"above": 1}, "columns": {"a": {"missing": ["-1"], "leave_out": True}}})
    assert wishes.columns["a"]["leave_out"] is True
    assert wishes.firm


@pytest.mark.parametrize(
    "body",
    [
        {"format": "csv"},
        {"dialect": {"separator": ";"}},
        {"dialect": {"above": "1"}},
        {"dialect": {"above": True}},
        {"columns": {"a": {"source": "b"}}},
        {"columns": {"a": {"missing": "-1"}}},
        {"columns": {"a": {"name": 1}}},
    ],
)
def test_a_wish_for_what_no_reading_has_is_refused(body: dict[str, object]) -> None:
    with pytest.raises(HalftoneError) as refused:
        Wishes.from_json(body)
    assert refused.value.code == ErrorCode.PARAM_INVALID
