"""What did not fit is counted over blocks, named with its line, and too much of it is an error."""

from __future__ import annotations

import numpy as np
import pytest
from halftone_compute.ingest.csv.blocks import Block
from halftone_compute.ingest.csv.cells import CellReader
from halftone_compute.ingest.csv.misfits import BlockMisfits, Misfits, found_misfits
from halftone_compute.ingest.format import TypesDifferError
from halftone_compute.ingest.reading import Dialect, Unreadable, UnreadableCell
from halftone_servicekit.errors import ErrorCode, HalftoneError


def _found(data: bytes, bad: list[int], so_far: Misfits, line: int = 1) -> BlockMisfits:
    """Of a block of two columns: rows of the first that did not fit."""
    cells = CellReader(Dialect(), 2, [0, 1]).cells(Block(data, line, len(data), is_last=True))
    none = np.empty(0, np.int64)
    return found_misfits(cells, [1, 0], [np.array(bad, np.int64), none], Dialect(), so_far)


def _counted(rows: int, present: int, count: int) -> BlockMisfits:
    return BlockMisfits(rows, 0, (), 0, (), (present,), (count,), ((),))


def test_lines_with_ragged_rows_before_and_between() -> None:
    misfits = Misfits(["a", "b"], 2)
    found = _found(b'1\n"p\nq",2\nr,3\n4,5,6\n7\ns,8\n', [1, 2], misfits, 11)
    assert found.cells == ((UnreadableCell(14, "r"), UnreadableCell(17, "s")), ())
    assert found.ragged == ((11, 1, "1"), (15, 3, "4,5,6"), (16, 1, "7"))
    assert (found.rows, found.present, found.counts) == (3, (2, 3), (2, 0))
    misfits.add(found)
    assert misfits.unreadable() == {"a": Unreadable(2, found.cells[0])}
    [said] = misfits.warnings()
    assert (
        said.text == "3 rows left out, of other than 2 cells: line 11 has 1: 1; line 15 has 3: 4,5,6; line 16 has 1: 7."
    )


def test_ten_are_named_over_all_blocks() -> None:
    misfits = Misfits(["a", "b"], 2)
    for block in range(3):
        misfits.add(_found(b"x,1\n" * 7, list(range(7)), misfits, 1 + 7 * block))
    cells = misfits.unreadable()["a"]
    assert (cells.count, [cell.line for cell in cells.cells]) == (21, list(range(1, 11)))
    assert not misfits.wants(0)
    assert _found(b"x,1\n", [0], misfits).cells == ((), ())


def test_long_cells_are_named_by_their_start() -> None:
    [cell] = _found(b"x" * 100 + b",1\n", [0], Misfits(["a", "b"], 2)).cells[0]
    assert cell.text == "x" * 80


def test_torn_quotes_are_said() -> None:
    misfits = Misfits(["a", "b"], 2)
    misfits.add(_found(b'"a"b,1\nc,"d" \n', [], misfits, 5))
    [said] = misfits.warnings()
    assert said.text == "Text follows a closing quote in 2 cells; quotes left out: line 5, 6."


def test_one_row_of_a_hundred_may_be_ragged() -> None:
    misfits = Misfits(["a", "b"], 2)
    misfits.add(_found(b"1,2\n" * 99 + b"3\n", [], misfits))
    misfits.check_rows()
    assert misfits.warnings()[0].text == "1 row left out, of other than 2 cells: line 100 has 1: 3."
    misfits.add(_found(b"3\n", [], misfits, 101))
    with pytest.raises(HalftoneError) as caught:
        misfits.check_rows()
    assert caught.value.code == ErrorCode.RAGGED_ROW
    assert caught.value.detail == "Line 100 has 1 cells, the header 2. 2 of 101 rows have another number."


@pytest.mark.parametrize(
    ("present", "count", "is_end", "differs"),
    [
        (100, 1, True, False),
        (100, 2, True, True),
        (100, 2, False, False),
        (200_000, 5_000, False, True),
        (0, 0, True, False),
    ],
)
def test_types_hold_while_99_of_100_cells_fit(present: int, count: int, is_end: bool, differs: bool) -> None:
    misfits = Misfits(["a"], 1)
    misfits.add(_counted(300_000, present, count))
    if not differs:
        misfits.check_types(is_end=is_end)
        return
    with pytest.raises(TypesDifferError, match="a"):
        misfits.check_types(is_end=is_end)


def test_a_file_of_ragged_rows_is_not_read_to_its_end() -> None:
    misfits = Misfits((), 2)
    with pytest.raises(HalftoneError, match="ragged_row"):
        misfits.add(BlockMisfits(99_000, 2_000, ((7, 1, "x"),), 0, (), (), (), ()))
