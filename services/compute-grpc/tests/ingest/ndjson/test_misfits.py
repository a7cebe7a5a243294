"""Lines that hold no record are counted and named; a file of them is none of records."""

from __future__ import annotations

import pytest
from halftone_compute.ingest.csv.blocks import Block
from halftone_compute.ingest.ndjson.misfits import LineMisfits
from halftone_compute.ingest.ndjson.records import records_of
from halftone_servicekit.errors import ErrorCode, HalftoneError


def _add(misfits: LineMisfits, data: bytes, line: int = 1) -> None:
    misfits.add_lines(records_of(Block(data, line, len(data), is_last=False)))


def test_one_line_of_a_hundred_may_be_none() -> None:
    misfits = LineMisfits(())
    assert misfits.warnings() == []
    _add(misfits, b"{}\n" * 99 + b"x\n")
    misfits.check_lines()
    [said] = misfits.warnings()
    assert said.text == "1 line left out that are not one JSON object: line 100: x."
    _add(misfits, b"[y]\n", 101)
    with pytest.raises(HalftoneError) as caught:
        misfits.check_lines()
    assert caught.value.code == ErrorCode.TYPE_MISMATCH
    assert caught.value.detail == "Line 100 is not one JSON object with different keys: x. 2 of 101 lines are none."


def test_a_file_of_other_lines_is_not_read_to_its_end() -> None:
    with pytest.raises(HalftoneError, match="type_mismatch"):
        _add(LineMisfits(()), b"1\n" * 100_000)


def test_ten_lines_are_named() -> None:
    misfits = LineMisfits(())
    for start in (1, 8):
        _add(misfits, b"x\n" * 7, start)
    [said] = misfits.warnings()
    assert said.text.startswith("14 lines left out")
    assert said.text.count("line ") == 10
