"""The type of row numbers."""

from halftone_compute.store.index.entry import NARROW_ROWS, number_dtype


def test_row_numbers_take_four_bytes_while_they_can() -> None:
    assert number_dtype(0) == number_dtype(NARROW_ROWS) == "<u4"
    assert number_dtype(NARROW_ROWS + 1) == "<u8"
