"""Types of text cells: found over several batches, and values converted by the same rules."""

from __future__ import annotations

import pyarrow as pa
import pytest
from halftone_compute.ingest.columns import Kind
from halftone_compute.ingest.format import TypesDifferError
from halftone_compute.ingest.text_types import converted, text_column, widened


@pytest.mark.parametrize(
    ("batches", "dtype"),
    [
        ([["1"], ["-"], ["2"]], pa.int64()),
        ([["1"], ["2.5"]], pa.float64()),
        ([["2.5"], ["1"]], pa.float64()),
        ([["1"], ["2020-01-01"]], pa.string()),
        ([["x"], ["1"]], pa.string()),
        ([[""], ["NA"]], None),
        ([[""], ["2020-01-01"]], pa.timestamp("us")),
    ],
)
def test_a_type_widens_from_batch_to_batch(batches: list[list[str]], dtype: pa.DataType | None) -> None:
    known: pa.DataType | None = None
    for batch in batches:
        known = widened(known, pa.array(batch))
    assert known == dtype


def test_values_of_a_type() -> None:
    assert converted(pa.array([" 7 ", "NA"]), pa.int64()).to_pylist() == [7, None]
    assert converted(pa.array(["a", "", "NA"]), pa.string()).to_pylist() == ["a", None, "NA"]


def test_a_cell_of_another_type_is_an_error() -> None:
    with pytest.raises(TypesDifferError, match="int64"):
        converted(pa.array(["1", "soon"]), pa.int64())


def test_columns() -> None:
    assert text_column("a", pa.timestamp("us")).kind is Kind.TIME
    with pytest.raises(TypeError, match="binary"):
        text_column("a", pa.binary())
