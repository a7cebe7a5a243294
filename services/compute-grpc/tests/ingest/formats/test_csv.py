"""CSV files of every shape: right types, right values, or the named error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from halftone_compute.ingest.columns import Kind
from halftone_compute.ingest.format import TypesDifferError
from halftone_compute.ingest.formats.csv import CsvReader
from halftone_compute.ingest.limits import Budget
from halftone_compute.ingest.reading import Wishes
from halftone_servicekit.errors import ErrorCode, HalftoneError

if TYPE_CHECKING:
    from pathlib import Path


def _reader(folder: Path, text: str | bytes, *, whole: bool = False) -> CsvReader:
    data = text.encode() if isinstance(text, str) else text
    (folder / "source").write_bytes(data)
    return CsvReader(folder / "source", Budget(len(data), 1 << 40), Wishes(), whole=whole)


def _columns(source: CsvReader) -> dict[str, list[Any]]:
    values: dict[str, list[Any]] = {column.name: [] for column in source.columns}
    for batch in source.batches():
        for column, array in zip(source.columns, batch.arrays, strict=True):
            values[column.name] += array.to_pylist()
    return values


def _error(folder: Path, text: str | bytes) -> HalftoneError:
    with pytest.raises(HalftoneError) as caught:
        _columns(_reader(folder, text))
    return caught.value


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(tmp_path: Path, delimiter: str) -> None:
    text = 'a,b,c\n1,x,"2,5;|\t"\n2,y,z\n'.replace(",", delimiter).replace("2" + delimiter + "5", "2,5")
    columns = _columns(_reader(tmp_path, text))
    assert list(columns) == ["a", "b", "c"]
    assert columns["a"] == [1, 2]


@pytest.mark.parametrize(
    ("cells", "dtype"),
    [
        (["1", "-2"], "int64"),
        (["1", "", "NA", " 7 "], "int64"),
        (["9223372036854775807"], "int64"),
        (["9223372036854775808"], "double"),
        (["1", "2.5", "1e400", "nan", "-inf"], "double"),
        (["", "null"], "double"),
        (["2020-01-01", "2020-01-02 03:04:05.678"], "timestamp[us]"),
        (["2020-01-01T00:00:00Z", "2020-01-01T00:00:00+05:30"], "timestamp[us, tz=UTC]"),
        (["2020-01-01", "2020-01-01T00:00:00Z"], "string"),
        (["true", "false"], "string"),
        (["1", "x"], "string"),
        (["2020-01-01", "7"], "string"),
    ],
)
def test_types(tmp_path: Path, cells: list[str], dtype: str) -> None:
    [column] = _reader(tmp_path, "\n".join(["a", *(f'"{cell}"' for cell in cells)]) + "\n").columns
    assert column.dtype == dtype
    assert (column.kind is Kind.CATEGORY) == (dtype == "string")


def test_missing_cells(tmp_path: Path) -> None:
    columns = _columns(_reader(tmp_path, "number,text\n1,a\nNA,NA\n,\n"))
    assert columns == {"number": [1, None, None], "text": ["a", "NA", None]}


def test_quotes_line_breaks_and_blank_lines(tmp_path: Path) -> None:
    columns = _columns(_reader(tmp_path, '\n"a ""1""",b\r\n"x\ny, z",1\r\n\r\n"=cmd()",2'))
    assert columns == {'a "1"': ["x\ny, z", "=cmd()"], "b": [1, 2]}


def test_a_later_value_of_another_type_is_found_by_reading_all(tmp_path: Path) -> None:
    text = "a,b,note\n" + f"1,2020-01-01,{'n' * 60}\n" * 300_000 + "1.5,soon,\n"
    first = _reader(tmp_path, text)
    assert [column.dtype for column in first.columns] == ["int64", "timestamp[us]", "string"]
    with pytest.raises(TypesDifferError):
        list(first.batches())
    second = _reader(tmp_path, text, whole=True)
    assert [column.dtype for column in second.columns] == ["double", "string", "string"]
    assert sum(batch.rows for batch in second.batches()) == 300_001


@pytest.mark.parametrize("text", ["", "\n\n", "a,b", "a,b\n", "\ufeff"])
def test_files_without_rows(tmp_path: Path, text: str) -> None:
    assert _error(tmp_path, text).code == ErrorCode.EMPTY_FILE


@pytest.mark.parametrize(("row", "cells"), [("1", 1), ("1,2,3", 3), ("1,,", 3)])
def test_ragged_rows(tmp_path: Path, row: str, cells: int) -> None:
    error = _error(tmp_path, f"a,b\n1,2\n3,4\n{row}\n5,6\n")
    assert error.code == ErrorCode.RAGGED_ROW
    assert error.detail == f"Line 4 has {cells} cells, the header 2."


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


def test_latin1_is_named(tmp_path: Path) -> None:
    assert _error(tmp_path, "name,b\nJosé,1\n".encode("latin-1")).code == ErrorCode.BAD_ENCODING


def test_bytes_read_grow_to_the_size_of_the_file(tmp_path: Path) -> None:
    text = "a\n" + "12345\n" * 3_000_000
    read = [batch.bytes_read for batch in _reader(tmp_path, text).batches()]
    assert read == sorted(read)
    assert read[-1] == len(text)
