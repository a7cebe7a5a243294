"""A number keeps every digit, or is none."""

import pyarrow as pa
import pytest
from halftone_compute.ingest.judge.numbers import NumberStyle, fast, group_marks, parsed


@pytest.mark.parametrize("cells", [["007"], ["0x10"], ["-01"], ["1" * 18], ["1", "x"]])
def test_what_is_doubtful_is_looked_at_closer(cells: list[str]) -> None:
    assert fast(pa.array(cells), pa.int64()) is None
    assert fast(pa.array(["1.5", *cells]), pa.float64()) is None


@pytest.mark.parametrize("cells", [["0", "-0", "12"], [], [None, "5"]])
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
