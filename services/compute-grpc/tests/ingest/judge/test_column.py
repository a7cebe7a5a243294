"""A column is what nearly all its cells are; in doubt it is text."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pytest
from halftone_compute.ingest.judge.column import ColumnJudge
from halftone_servicekit.errors import ErrorCode, HalftoneError


def judge(cells: Sequence[str | None], decimal: str = ".", missing: tuple[str, ...] = ()) -> ColumnJudge:
    made = ColumnJudge("x", "x", decimal, missing)
    # In two parts: what a column is does not depend on how it comes.
    for part in (cells[: len(cells) // 2], cells[len(cells) // 2 :]):
        made.add(pa.array(part, pa.string()))
    return made


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1", "2"], ("number", "", "int64")),
        (["1", "2.5"], ("number", "", "double")),
        (["-0", "+5", ".5", "5.", "1e5", "1E+05"], ("number", "", "double")),
        (["2,288", "1,047", "194"], ("number", "", "int64")),
        (["1,234.5", "2"], ("number", "", "double")),
        (["1\u00a0234", "2\u202f345 678"], ("number", "", "int64")),
        (["\u22125", "3"], ("number", "", "int64")),
        (["Infinity", "-inf", "∞", "1"], ("number", "", "double")),
        (["", "NA", "-"], ("number", "", "double")),
        (["12 %", "13 %"], ("number", "%", "int64")),
        (["$1,234.50", "$2.00"], ("number", "$", "double")),
        (["5 km", "6.5 km"], ("number", "km", "double")),
        (["1:23:45", "0:00:01"], ("number", "duration", "double")),
        (["PT5S", "P1DT1H"], ("number", "duration", "double")),
        (["2020-01-01", "2020-02-29 10:00"], ("time", "iso", "timestamp[us]")),
        (["2024-02-28", "2024-02-29", "2023-02-29"], ("time", "iso", "timestamp[us]")),
        (["01-08-2023", "13-08-2023"], ("time", "%d-%m-%Y", "timestamp[us]")),
        (["12/31/99"], ("time", "%m/%d/%y", "timestamp[us]")),
        (["1.2.2020 5:00"], ("time", "%d.%m.%Y", "timestamp[us]")),
        (["Jan 5, 2020", "Feb 28, 2021"], ("time", "%b %d, %Y", "timestamp[us]")),
        (["20200101T101500Z"], ("time", "%Y%m%dT%H%M%S", "timestamp[us]")),
        # Text, because a value would change or more than one is meant.
        (["02134", "90210"], ("category", "", "string")),
        (["407009E70322", "1146977290"], ("category", "", "string")),
        (["12120467241726599441", "9"], ("category", "", "string")),
        (["9007199254740993", "0.5"], ("category", "", "string")),
        (["0.12345678901234567891"], ("category", "", "string")),
        (["1e400"], ("category", "", "string")),
        (["1e-400"], ("category", "", "string")),
        (["04/07/20", "05/07/20"], ("category", "", "string")),
        (["01/13/2020", "13/01/2020"], ("category", "", "string")),
        (["+1 555 123"], ("category", "", "string")),
        (["12 km", "13"], ("category", "", "string")),
        (["ID1", "ID2"], ("category", "", "string")),
        (["0x10"], ("category", "", "string")),
        (["1_000"], ("category", "", "string")),
        (["１２"], ("category", "", "string")),  # noqa: RUF001  # full-width digits
        (["(5)", "6"], ("category", "", "string")),
        (["00:30"], ("category", "", "string")),
        (["2021-W05"], ("category", "", "string")),
        (["192.168.1.1"], ("category", "", "string")),
        (["TRUE", "FALSE"], ("category", "", "string")),
    ],
)
def test_cells_are(cells: list[str], expected: tuple[str, str, str]) -> None:
    made = judge(list(cells))
    reading = made.reading()
    assert (reading.type, reading.format, str(made.dtype(reading))) == expected


def test_a_decimal_comma_is_the_files() -> None:
    made = judge(["97100,7", "1.234,5", "-3"], ",")
    assert made.reading().type == "number"
    assert made.thousands == "."


def test_nearly_all_cells_decide() -> None:
    good = [str(place) for place in range(990)]
    assert judge([*good, *["x"] * 10]).reading().type == "number"
    assert judge([*good, *["x"] * 11]).reading().type == "category"
    assert judge(["x"] * 10 + good).reading().type == "number"


@pytest.mark.parametrize(
    ("cells", "suggest"),
    [
        (["20250210", "20250301"], ("time", "%Y%m%d")),
        (["1609459200", "1609459260"], ("time", "epoch_s")),
        (["1609459200000000000"], ("time", "epoch_ns")),
        (["2020-01", "2020-02"], ("time", "%Y-%m")),
        (["17", "1609459260"], None),
        (["17.5", "1609459260"], None),
    ],
)
def test_what_numbers_may_mean_is_suggested(cells: list[str], suggest: tuple[str, str] | None) -> None:
    assert judge(list(cells)).reading().suggest == suggest


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (["04/07/20", "05/07/20"], "dates"),
        (["02134", "90210"], "digits"),
        (["2,288", "194"], "groups"),
        (["-9999", "1", "2", "3"], "sentinel"),
    ],
)
def test_a_question_is_said(cells: list[str], code: str) -> None:
    made = judge(list(cells))
    assert [warning.code for warning in made.warnings(made.reading())] == [code]


def test_what_is_plain_is_not_warned_of() -> None:
    made = judge(["1.5", "2", "x y", "1,234,567"][:2])
    assert made.warnings(made.reading()) == []
    many = judge(["1,234,567", "2"])
    assert many.warnings(many.reading()) == []


@pytest.mark.parametrize(
    ("cells", "changes", "expected"),
    [
        (["1609459200"], {"type": "time"}, ("time", "epoch_s")),
        (["20250210"], {"type": "time"}, ("time", "%Y%m%d")),
        (["04/07/20"], {"type": "time", "format": "%m/%d/%y %H:%M"}, ("time", "%m/%d/%y %H:%M")),
        (["2020-01-01"], {"type": "category"}, ("category", "")),
        (["x"], {"type": "time"}, ("time", "iso")),
        (["x"], {"type": "number"}, ("number", "")),
        (["2020/01/01", "x"], {"type": "time"}, ("time", "%Y/%m/%d")),
        (["1"], {"name": "b", "unit": "m"}, ("number", "")),
    ],
)
def test_a_wish_changes_the_reading(cells: list[str], changes: dict[str, Any], expected: tuple[str, str]) -> None:
    reading = judge(list(cells)).reading(changes)
    assert (reading.type, reading.format) == expected


@pytest.mark.parametrize("changes", [{"type": "colour"}, {"type": "time", "format": "%Q"}])
def test_an_impossible_wish_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(HalftoneError) as refused:
        judge(["1"]).reading(changes)
    assert refused.value.code == ErrorCode.PARAM_INVALID
    assert refused.value.field.startswith("reading.columns.x.")


def test_marks_of_a_person_are_missing() -> None:
    made = judge(["-9999", "1", "2", "x"], missing=("-9999", "x"))
    assert made.present == 2
    assert made.fitting == 2
    assert made.warnings(made.reading()) == []
