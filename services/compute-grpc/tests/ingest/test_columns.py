"""Every Arrow type becomes the column that the docs name, under a tidy name."""

from __future__ import annotations

import pyarrow as pa
import pytest
from halftone_compute.ingest.columns import Kind, column_names, source_column
from halftone_servicekit.errors import ErrorCode, HalftoneError


@pytest.mark.parametrize(
    ("dtype", "kind", "layout"),
    [
        (pa.int8(), Kind.NUMBER, "|i1"),
        (pa.uint16(), Kind.NUMBER, "<u2"),
        (pa.int64(), Kind.NUMBER, "<i8"),
        (pa.uint64(), Kind.NUMBER, "<u8"),
        (pa.float16(), Kind.NUMBER, "<f4"),
        (pa.float32(), Kind.NUMBER, "<f4"),
        (pa.float64(), Kind.NUMBER, "<f8"),
        (pa.decimal128(20, 2), Kind.NUMBER, "<f8"),
        (pa.null(), Kind.NUMBER, "<f8"),
        (pa.dictionary(pa.int8(), pa.int32()), Kind.NUMBER, "<i4"),
        (pa.date32(), Kind.TIME, "<i8"),
        (pa.date64(), Kind.TIME, "<i8"),
        (pa.timestamp("ns", "Europe/Vienna"), Kind.TIME, "<i8"),
        (pa.bool_(), Kind.CATEGORY, "<i4"),
        (pa.string(), Kind.CATEGORY, "<i4"),
        (pa.large_string(), Kind.CATEGORY, "<i4"),
        (pa.dictionary(pa.int8(), pa.string()), Kind.CATEGORY, "<i4"),
    ],
)
def test_types_that_are_columns(dtype: pa.DataType, kind: Kind, layout: str) -> None:
    column = source_column("a", dtype)
    assert column is not None
    assert (column.kind, column.layout, column.dtype) == (kind, layout, str(dtype))


@pytest.mark.parametrize(
    "dtype", [pa.list_(pa.int8()), pa.struct([("a", pa.int8())]), pa.binary(), pa.time32("s"), pa.duration("s")]
)
def test_types_that_are_left_out(dtype: pa.DataType) -> None:
    assert source_column("a", dtype) is None


def test_names_are_made_tidy_and_different() -> None:
    names = ["a", " a ", "", "b\n c", "a_2", "a", "__proto__", "=cmd()", "column_3"]
    made = column_names(names)
    assert made == ["a", "a_3", "column_3", "b c", "a_2", "a_4", "column_7", "=cmd()", "column_3_2"]
    assert len(set(made)) == len(names)


@pytest.mark.parametrize("name", ["a\x07b", "\ud800", "x" * 257, "é" * 129])
def test_names_that_nobody_could_type_are_refused(name: str) -> None:
    with pytest.raises(HalftoneError) as caught:
        column_names(["ok", name])
    assert caught.value.code == ErrorCode.BAD_COLUMN_NAME
    assert "column 2" in caught.value.detail
