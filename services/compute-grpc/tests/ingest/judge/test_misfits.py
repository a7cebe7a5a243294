"""Cells that did not fit are counted, the first ten named; too many of a column ask for another type."""

from __future__ import annotations

import pytest
from halftone_compute.ingest.format import TypesDifferError
from halftone_compute.ingest.judge.misfits import CellMisfits
from halftone_compute.ingest.reading import Unreadable, UnreadableCell


def test_ten_are_named_in_the_order_they_come() -> None:
    misfits = CellMisfits(["a", "b"])
    for start in (1, 8):
        misfits.add_cells(1, 500, 7, [UnreadableCell(line, "x") for line in range(start, start + 7)])
    assert misfits.wants(0)
    assert not misfits.wants(1)
    assert misfits.unreadable() == {"b": Unreadable(14, tuple(UnreadableCell(line, "x") for line in range(1, 11)))}


@pytest.mark.parametrize(("present", "count", "is_end"), [(100, 2, True), (200_000, 5_000, False)])
def test_more_than_one_of_a_hundred(present: int, count: int, is_end: bool) -> None:
    misfits = CellMisfits(["a"])
    misfits.add_cells(0, present // 2, present // 200, [])
    misfits.check_types(is_end=True)
    misfits.add_cells(0, present - present // 2, count - present // 200, [])
    with pytest.raises(TypesDifferError, match="a"):
        misfits.check_types(is_end=is_end)
