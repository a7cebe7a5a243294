"""A number keeps every digit, or is none."""

import pyarrow as pa
import pytest
from halftone_compute.ingest.judge.numbers import NumberStyle, digits, fast, group_marks, parsed
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize("cells", [["007"], ["0x10"], ["-01"], ["1", "x"]])
def test_what_is_doubtful_is_looked_at_closer(cells: list[str]) -> None:
    assert fast(pa.array(cells), pa.int64()) is None
    assert fast(pa.array(["1.5", *cells]), pa.float64()) is None


@pytest.mark.parametrize("cell", ["1" * 18, "0.1000000000000000055", "1e400", "1e-400", "12345678901234567890.5"])
def test_numbers_that_float64_does_not_hold(cell: str) -> None:
    assert fast(pa.array(["1.5", cell]), pa.float64()) is None
    assert parsed(pa.array(["1.5", cell]), NumberStyle(), "", pa.float64()).values.to_pylist() == [1.5, None]


@pytest.mark.parametrize(
    "cell", ["0.000000000000000000", "-0.00012345678901234567", "1.50000000000000000000000", "2.2250738585072014e-308"]
)
def test_zeros_before_and_after_are_no_digits(cell: str) -> None:
    made = fast(pa.array(["1.5", cell, None]), pa.float64())
    assert made is not None
    assert made.to_pylist() == [1.5, float(cell), None]


@pytest.mark.parametrize(("cell", "count"), [("-0.0", 0), ("", 0), ("0012.3400e+55", 4), ("1e5", 1), ("10.01", 4)])
def test_digits(cell: str, count: int) -> None:
    assert digits(pa.array(["777", cell, "1"]).slice(1)).tolist() == [count, 1]


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(1, 17))
def test_every_float64_comes_back(value: float, places: int) -> None:
    cells = [repr(value), f"{value:.{places - 1}e}", f"{value:.17g}"]
    made = fast(pa.array(cells), pa.float64())
    if made is None:
        made = parsed(pa.array(cells), NumberStyle(), "", pa.float64()).values
    expected = [None if abs(float(cell)) == float("inf") else float(cell) for cell in cells]
    whole = [cell.lstrip("-").isdigit() and int(cell) != int(float(cell)) for cell in cells]
    assert made.to_pylist() == [None if lost else number for number, lost in zip(expected, whole, strict=True)]


@pytest.mark.parametrize("cells", [["0", "-0", "12"], [], [None, "5"], ["1" * 18, str(-(2**63))]])
def test_plain_numbers_are_cast(cells: list[str | None]) -> None:
    made = fast(pa.array(cells, pa.string()), pa.int64())
    assert made is not None
    assert made.to_pylist() == [None if cell is None else int(cell) for cell in cells]


def test_a_slice_is_read_at_its_place() -> None:
    assert fast(pa.array(["007", "1", "2"]).slice(1), pa.int64()) is not None
    assert fast(pa.array(["1", "2", "007"]).slice(1), pa.int64()) is None


def test_integers_end_at_int64() -> None:
    made = parsed(pa.array([str(2**63 - 1), str(2**63), str(-(2**63))]), NumberStyle(), "", pa.int64())
    assert made.values.to_pylist() == [2**63 - 1, None, -(2**63)]
    assert made.is_number.all()


@pytest.mark.parametrize(
    ("cells", "decimal", "marks"),
    [(["1,234"], ".", ","), (["1.234"], ",", "."), (["1'234", "1 234"], ".", "' "), (["1.5", "x"], ".", "")],
)
def test_marks_between_groups_are_found(cells: list[str], decimal: str, marks: str) -> None:
    assert group_marks(pa.array(cells), decimal) == marks
