"""Blocks become columns of text; ragged rows are left out and named by their line."""

from __future__ import annotations

import pytest
from halftone_compute.ingest.csv.blocks import Block
from halftone_compute.ingest.csv.cells import CellReader, lines_of
from halftone_compute.ingest.reading import Dialect


def _block(data: bytes, line: int = 1, *, is_last: bool = True) -> Block:
    return Block(data, line, len(data), is_last)


def _cells(data: bytes, dialect: Dialect, width: int) -> list[list[str]]:
    found = CellReader(dialect, width, range(width)).cells(_block(data))
    assert found.ragged == ()
    return [column.to_pylist() for column in found.columns]


@pytest.mark.parametrize(
    ("data", "dialect", "columns"),
    [
        (b"1,2\n\n3,\n", Dialect(), [["1", "3"], ["2", ""]]),
        (b'"a ""b""","x\r\ny"\r\n c ,\xc3\xa9', Dialect(), [['a "b"', " c "], ["x\r\ny", "é"]]),
        (b'5" pipe;x\n', Dialect(delimiter=";"), [['5" pipe'], ["x"]]),
        (b'"a\\"b",\\N\n\\N,"\\\\N"\n', Dialect(escape="\\"), [['a"b', ""], ["", "\\N"]]),
        (b"'a,b',c\n", Dialect(quote="'"), [["a,b"], ["c"]]),
        (b'"a,b"\n', Dialect(quote=""), [['"a'], ['b"']]),
        (b"NULL,NA\n", Dialect(), [["NULL"], ["NA"]]),
        (b"\n\r\n", Dialect(), [[], []]),
        (b"1\n\n2\n\n\n", Dialect(), [["1", "", "2"]]),
        (b"\n", Dialect(), [[]]),
    ],
)
def test_cells_as_they_stand(data: bytes, dialect: Dialect, columns: list[list[str]]) -> None:
    assert _cells(data, dialect, len(columns)) == columns


def test_only_wanted_columns(tmp_path: object) -> None:
    block = _block(b"1,2,3\n4,5,6\n")
    assert [each.to_pylist() for each in CellReader(Dialect(), 3, [2]).cells(block).columns] == [["3", "6"]]
    none = CellReader(Dialect(), 3, []).cells(block)
    assert (none.rows, none.columns) == (2, ())


def test_ragged_rows_have_their_lines() -> None:
    data = b'1,"a\nb"\n\n2\n3,c\n4,d,e\n5,f\n'
    block = _block(data, 11)
    found = CellReader(Dialect(), 2, [0, 1]).cells(block)
    assert [(row.row, row.cells, row.text) for row in found.ragged] == [(1, 1, "2"), (3, 3, "4,d,e")]
    assert lines_of(block, Dialect(), 2, [0, 1, 2, 3, 4]) == [11, 14, 15, 16, 17]
    assert found.columns[0].to_pylist() == ["1", "3", "5"]


def test_lines_of_plain_blocks() -> None:
    assert lines_of(_block(b"1,2\n3,4\n5,6\n", 5), Dialect(), 2, [0, 2]) == [5, 7]
    assert lines_of(_block(b"\n1,2\r\n\r\n3,4\n", 5), Dialect(), 2, [0, 1]) == [6, 8]
    assert lines_of(_block(b"1\n\n3\n", 5), Dialect(), 1, [1, 2]) == [6, 7]
    assert lines_of(_block(b'1\n\n"3\n"\n4\n', 5), Dialect(), 1, [1, 2, 3]) == [6, 7, 9]
