"""CSV files of every shape: right types, right values, or the named error."""

from __future__ import annotations

import os
import random
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from halftone_compute.ingest.format import TypesDifferError
from halftone_compute.ingest.formats.csv import CsvReader
from halftone_compute.ingest.limits import Budget
from halftone_compute.ingest.reading import Dialect, Unreadable, UnreadableCell, Wishes
from halftone_servicekit.errors import ErrorCode, HalftoneError
from ingest_rig.random_tables import written_table
from ingest_rig.readers import values_of
from ingest_rig.round_trip import compared

if TYPE_CHECKING:
    from pathlib import Path

# Random tables that are written and read back; `HALFTONE_TEST_TABLES` asks for more.
_TABLES = int(os.environ.get("HALFTONE_TEST_TABLES", "200"))
_PARTS = 4


def _reader(folder: Path, text: str | bytes, wishes: Wishes | None = None, *, whole: bool = False) -> CsvReader:
    data = text.encode() if isinstance(text, str) else text
    (folder / "source").write_bytes(data)
    return CsvReader(folder / "source", Budget(len(data), 1 << 40), wishes or Wishes(), whole=whole)


def _read(source: CsvReader) -> CsvReader:
    for _ in source.batches():
        pass
    return source


def _error(folder: Path, text: str | bytes) -> HalftoneError:
    with pytest.raises(HalftoneError) as caught:
        values_of(_reader(folder, text))
    return caught.value


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(tmp_path: Path, delimiter: str) -> None:
    text = 'a,b,c\n1,x,"2,5;|\t"\n2,y,z\n'.replace(",", delimiter).replace("2" + delimiter + "5", "2,5")
    columns = values_of(_reader(tmp_path, text))
    assert list(columns) == ["a", "b", "c"]
    assert columns["a"] == [1, 2]


def test_missing_cells(tmp_path: Path) -> None:
    columns = values_of(_reader(tmp_path, "number,text\n1,a\nNA,NA\n,\n"))
    assert columns == {"number": [1, None, None], "text": ["a", "NA", None]}


def test_quotes_line_breaks_and_blank_lines(tmp_path: Path) -> None:
    columns = values_of(_reader(tmp_path, '\n"a ""1""",b\r\n"x\ny, z",1\r\n\r\n"=cmd()",2'))
    assert columns == {'a "1"': ["x\ny, z", "=cmd()"], "b": [1, 2]}


def test_later_cells_that_are_none_are_counted_with_line_and_text(tmp_path: Path) -> None:
    text = "a,b,note\n" + f"1,2020-01-01,{'n' * 60}\n" * 300_000 + "soon,1,\n\n7,2020-02-30,x\n"
    reader = _reader(tmp_path, text)
    assert sum(batch.rows for batch in reader.batches()) == 300_002
    assert reader.unreadable == {
        "a": Unreadable(1, (UnreadableCell(300_002, "soon"),)),
        "b": Unreadable(2, (UnreadableCell(300_002, "1"), UnreadableCell(300_004, "2020-02-30"))),
    }


def test_only_the_first_ten_cells_are_named(tmp_path: Path) -> None:
    text = "a,b\n" + ('"x\ny",bad\n' + "z,1\n" * 200) * 12
    [(name, cells)] = _read(_reader(tmp_path, text)).unreadable.items()
    assert (name, cells.count, len(cells.cells)) == ("b", 12, 10)
    assert [cell.line for cell in cells.cells] == [2 + 202 * place for place in range(10)]


def test_types_that_do_not_hold_for_99_of_100_cells_are_found_by_reading_all(tmp_path: Path) -> None:
    text = "a,b,note\n" + f"1,2020-01-01,{'n' * 60}\n" * 300_000 + "soon,soon,\n" * 4_000
    first = _reader(tmp_path, text)
    assert [column.dtype for column in first.columns] == ["int64", "timestamp[us]", "string"]
    with pytest.raises(TypesDifferError):
        _read(first)
    second = _reader(tmp_path, text, whole=True)
    assert [column.dtype for column in second.columns] == ["string", "string", "string"]
    assert sum(batch.rows for batch in second.batches()) == 304_000


def test_a_file_that_is_read_wrongly_is_not_read_to_its_end(tmp_path: Path) -> None:
    text = "a,note\n" + f"1,{'n' * 60}\n" * 150_000 + f"soon,{'n' * 60}\n" * 350_000
    reader = _reader(tmp_path, text)
    with pytest.raises(TypesDifferError):
        _read(reader)
    assert 0 < reader.unreadable["a"].count < 300_000


def test_a_fraction_in_whole_numbers_is_found_by_reading_all(tmp_path: Path) -> None:
    text = "a,note\n" + f"1,{'n' * 60}\n" * 300_000 + "1.5,\n"
    with pytest.raises(TypesDifferError):
        _read(_reader(tmp_path, text))
    assert _reader(tmp_path, text, whole=True).columns[0].dtype == "double"


def test_letters_that_are_not_utf8_late_in_the_file(tmp_path: Path) -> None:
    data = b"a,note\n" + (b"1," + b"n" * 60 + b"\n") * 600_000 + b"2,\xe9\n"
    with pytest.raises(TypesDifferError, match="encoding"):
        _read(_reader(tmp_path, data))
    reader = _reader(tmp_path, data, whole=True)
    assert (reader.reading.dialect or Dialect()).encoding == "cp1252"
    assert values_of(reader)["note"][-1] == "é"


@pytest.mark.parametrize("text", ["", "\n\n", "a,b", "a,b\n", "\ufeff"])
def test_files_without_rows(tmp_path: Path, text: str) -> None:
    assert _error(tmp_path, text).code == ErrorCode.EMPTY_FILE


@pytest.mark.parametrize(("row", "cells"), [("1", 1), ("1,2,3", 3), ("1,,", 3)])
def test_ragged_rows(tmp_path: Path, row: str, cells: int) -> None:
    error = _error(tmp_path, f"a,b\n1,2\n3,4\n{row}\n5,6\n")
    assert error.code == ErrorCode.RAGGED_ROW
    assert error.detail == f"Line 4 has {cells} cells, the header 2."


def test_a_few_ragged_rows_are_left_out_and_said(tmp_path: Path) -> None:
    text = "a,b\n" + "1,2\n" * 200 + "3\n" + "1,2\n" * 200 + '"x\ny",4,5\n' + "1,2\n" * 200
    reader = _reader(tmp_path, text)
    assert sum(batch.rows for batch in reader.batches()) == 600
    [said] = [warning.text for warning in reader.reading.warnings if warning.code == "ragged_row"]
    assert said == '2 rows left out, of other than 2 cells: line 202 has 1: 3; line 403 has 3: "x\ny",4,5.'


def test_rows_that_are_all_ragged(tmp_path: Path) -> None:
    assert _error(tmp_path, "a,b\n1\n").code == ErrorCode.RAGGED_ROW


def test_text_after_a_quote_is_said(tmp_path: Path) -> None:
    reader = _reader(tmp_path, 'a,b\n"x"y,1\n"p, q",2\n')
    assert values_of(reader)["a"] == ["xy", "p, q"]
    assert "line 2" in " ".join(warning.text for warning in reader.reading.warnings if warning.code == "quotes")


@pytest.mark.parametrize("text", ['a,b\n1,"2\n3,4\n', 'a,b\n1,2\n3,"4\n5,6\n7,8'])
def test_a_quote_left_open(tmp_path: Path, text: str) -> None:
    assert _error(tmp_path, text).code == ErrorCode.RAGGED_ROW


def test_a_quote_left_open_early_in_a_large_file(tmp_path: Path) -> None:
    error = _error(tmp_path, 'a,b\n1,"2\n' + "3,4\n" * 6_000_000)
    assert error.code == ErrorCode.RAGGED_ROW
    assert "quote" in error.detail


def test_2000_columns_and_one_more(tmp_path: Path) -> None:
    assert len(_reader(tmp_path, ",".join(["1"] * 2_000) + "\n" + ",".join(["1"] * 2_000)).columns) == 2_000
    assert _error(tmp_path, ",".join(["1"] * 2_001) + "\n").code == ErrorCode.TOO_MANY_COLUMNS


def test_a_header_over_the_limit(tmp_path: Path) -> None:
    assert _error(tmp_path, "x" * (1 << 20) + "y\n1\n").code == ErrorCode.LINE_TOO_LONG
    assert _error(tmp_path, "x" * 257 + "\n1\n").code == ErrorCode.BAD_COLUMN_NAME


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8-sig", "utf-16", "utf-32-be"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    assert values_of(_reader(tmp_path, "name,b\nJosé,1\n".encode(encoding))) == {"name": ["José"], "b": [1]}


def test_names_of_columns(tmp_path: Path) -> None:
    assert list(values_of(_reader(tmp_path, "x, x ,,y  z\n1,2,3,4\n"))) == ["x", "x_2", "column_3", "y z"]


def test_wishes_of_a_person(tmp_path: Path) -> None:
    wishes = Wishes(
        {"delimiter": ";", "decimal": ",", "above": 1, "header": False},
        {"column_1": {"name": "time", "type": "category"}, "column_2": {"unit": "m"}, "column_3": {"leave_out": True}},
    )
    reader = _reader(tmp_path, "note\n7;1,5;x\n8;2,5;y\n", wishes)
    assert values_of(reader) == {"time": ["7", "8"], "column_2": [1.5, 2.5]}
    assert [(each.name, each.unit, each.leave_out) for each in reader.reading.columns] == [
        ("time", "", False),
        ("column_2", "m", False),
        ("column_3", "", True),
    ]


@pytest.mark.parametrize(
    ("dialect", "columns", "field"),
    [
        ({}, {"b": {}}, "reading.columns.b"),
        ({}, {"a": {"type": "colour"}}, "reading.columns.a.type"),
        ({}, {"a": {"name": "x\x00"}}, "reading.columns.a.name"),
        ({}, {"a": {"leave_out": True}}, "reading.columns.a.leave_out"),
        ({"encoding": "klingon"}, {}, "reading.dialect.encoding"),
        ({"delimiter": ",,"}, {}, "reading.dialect.delimiter"),
        ({"delimiter": "é"}, {}, "reading.dialect.delimiter"),
        ({"quote": ",", "delimiter": ","}, {}, "reading.dialect.delimiter"),
        ({"above": 9}, {}, "reading.dialect.above"),
        ({"above": -1}, {}, "reading.dialect.above"),
    ],
)
def test_wishes_that_do_not_fit(tmp_path: Path, dialect: dict[str, Any], columns: dict[str, Any], field: str) -> None:
    with pytest.raises(HalftoneError) as caught:
        _reader(tmp_path, "a\n1\n", Wishes(dialect, columns))
    assert (caught.value.code, caught.value.field) == (ErrorCode.PARAM_INVALID, field)


def test_wishes_of_the_version_before_hold_where_they_fit(tmp_path: Path) -> None:
    wishes = Wishes(
        {"delimiter": ";", "decimal": ",", "encoding": "utf-16-le", "above": 3, "header": True},
        {"a": {"name": "first", "type": "category"}, "gone": {"leave_out": True}, "b": {"type": "time"}},
        firm=False,
    )
    assert values_of(_reader(tmp_path, "a,b\n1.5,2\n", wishes)) == {"first": [1.5], "b": [2]}
    assert values_of(_reader(tmp_path, "a;b\n1;2,5\n", wishes)) == {"first": [1], "b": [2.5]}


def test_bytes_read_grow_to_the_size_of_the_file(tmp_path: Path) -> None:
    text = "a\n" + "12345\n" * 3_000_000
    read = [batch.bytes_read for batch in _reader(tmp_path, text).batches()]
    assert read == sorted(read)
    assert read[-1] == len(text)


@pytest.mark.parametrize("part", range(_PARTS))
def test_nothing_changes_in_silence(tmp_path: Path, part: int) -> None:
    """A file that is refused, or read otherwise and said so, is allowed."""
    outcomes: Counter[str] = Counter()
    for seed in range(part, _TABLES, _PARTS):
        table = written_table(random.Random(seed))  # noqa: S311 - the same tables each time
        outcome, difference = compared(tmp_path, table)
        assert outcome != "silent", (seed, difference, table)
        outcomes[outcome] += 1
    # Were most tables refused, nothing would be shown.
    assert outcomes["same"] > 0.95 * sum(outcomes.values()), outcomes
