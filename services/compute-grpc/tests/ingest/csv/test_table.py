"""A text file is opened as a table: what is found in it, and what a person wishes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from halftone_compute.ingest.csv.table import TextTable, opened_table
from halftone_compute.ingest.limits import Budget
from halftone_compute.ingest.reading import Dialect, Wishes
from halftone_servicekit.errors import ErrorCode, HalftoneError

if TYPE_CHECKING:
    from pathlib import Path


def _table(folder: Path, data: str | bytes, *, firm: bool = True, **dialect: Any) -> TextTable:  # noqa: ANN401
    data = data.encode() if isinstance(data, str) else data
    (folder / "source").write_bytes(data)
    return opened_table(folder / "source", Budget(len(data), 1 << 40), Wishes(dialect, firm=firm))


def _rows(table: TextTable) -> bytes:
    return b"".join(block.data for block in table.blocks())


def test_everything_at_once(tmp_path: Path) -> None:
    text = "sep=;\r\n# a logger\r\nZeit;Größe\r\n[s];[m]\r\n0;1,5\r\n1;2,5\r\n"
    table = _table(tmp_path, text.encode("utf-16"))
    assert table.dialect == Dialect(";", decimal=",", encoding="utf-16-le", above=2, units_row=True)
    assert (table.names, table.units, table.line) == (("Zeit", "Größe"), ("s", "m"), 5)
    assert [warning.code for warning in table.warnings] == ["encoding", "above", "units"]
    assert _rows(table) == b"0;1,5\r\n1;2,5\r\n"
    assert next(iter(table.blocks())).line == 5


@pytest.mark.parametrize("data", ["", "\n\n", "a,b", "a,b\n", "\ufeff", "# only\n"[:0]])
def test_no_rows(tmp_path: Path, data: str) -> None:
    with pytest.raises(HalftoneError) as caught:
        _table(tmp_path, data)
    assert caught.value.code == ErrorCode.EMPTY_FILE


def test_a_row_that_is_longer_than_the_sample(tmp_path: Path) -> None:
    text = "a,b\n" + "x" * 300_000 + ",1\n" + "y,2\n"
    table = _table(tmp_path, text)
    assert (table.names, table.line) == (("a", "b"), 2)
    assert _rows(table).decode() == text[4:]


def test_too_many_columns(tmp_path: Path) -> None:
    with pytest.raises(HalftoneError) as caught:
        _table(tmp_path, ",".join(f"c{place}" for place in range(2_001)) + "\n" + "1," * 2_000 + "1\n")
    assert caught.value.code == ErrorCode.TOO_MANY_COLUMNS


def test_a_person_names_the_encoding(tmp_path: Path) -> None:
    data = "имя,x\nда,1\n".encode("cp1251")  # noqa: RUF001 - Cyrillic letters
    assert _table(tmp_path, data).dialect.encoding == "cp1252"
    assert _table(tmp_path, data, encoding="cp1251").names[0] == "имя"
    assert _table(tmp_path, data, firm=False, encoding="cp1251").dialect.encoding == "cp1251"
    assert _table(tmp_path, "имя,x\nда,1\n", firm=False, encoding="cp1251").dialect.encoding == "utf-8"  # noqa: RUF001


def test_letters_late_in_a_file_of_ascii(tmp_path: Path) -> None:
    data = b"a,b\n" + b"1,2\n" * 400_000 + b"3,\xe9\n"
    assert _table(tmp_path, data).dialect.encoding == "cp1252"


def test_the_dialect_before_holds_while_it_divides_as_well(tmp_path: Path) -> None:
    text = "a;b,c\nw;x,y\n"
    assert _table(tmp_path, text).dialect.delimiter == ","
    before = _table(tmp_path, text, firm=False, delimiter=";", above=4, header=False, encoding="utf-16-le")
    assert before.dialect == Dialect(";")
    assert not [warning for warning in before.warnings if warning.code == "delimiter"]
    assert _table(tmp_path, "a,b\n1,2\n", firm=False, delimiter=";").dialect.delimiter == ","
