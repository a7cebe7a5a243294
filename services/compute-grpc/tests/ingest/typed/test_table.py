"""Columns of typed files together."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from halftone_compute.ingest.format import TypesDifferError
from halftone_compute.ingest.reading import Wishes
from halftone_compute.ingest.typed.table import TypedTable
from halftone_servicekit.errors import ErrorCode, HalftoneError
from ingest_rig.typed import POINT, typed, wish

if TYPE_CHECKING:
    from halftone_compute.ingest.columns import ArrowField, Cells


def test_a_late_decimal_asks_for_a_second_look() -> None:
    first = pa.record_batch({"p": pa.array([Decimal(1)], pa.decimal128(20, 2))})
    late = pa.record_batch({"p": pa.array([Decimal("12345678901234567.5")], pa.decimal128(20, 2))})
    table = TypedTable("test", first.schema, Wishes(), [first])
    with pytest.raises(TypesDifferError):
        table.arrays(late)
    assert TypedTable("test", first.schema, Wishes(), [first, late]).columns[0].dtype == "string"


def test_points_of_every_encoding_are_two_columns() -> None:
    pairs = pa.field("p", pa.list_(pa.float64(), 2), metadata={"ARROW:extension:name": "geoarrow.point"})
    fields: list[ArrowField] = [pa.field("wkb", pa.binary()), pa.field("wkt", pa.string()), pairs]
    schema = pa.schema(fields)
    cells: list[list[Any]] = [[POINT], ["POINT (1 2)"], [[3.0, 4.0]]]
    arrays: list[Cells] = [pa.array(each * 200, field.type) for each, field in zip(cells, fields, strict=True)]
    batch = pa.record_batch(arrays, schema=schema)
    table = TypedTable("test", schema, Wishes(), [batch])
    assert [column.name for column in table.columns] == ["wkb.x", "wkb.y", "wkt.x", "wkt.y", "p.x", "p.y"]
    assert [array[0].as_py() for array in table.arrays(batch)] == [1.5, 2.5, 1.0, 2.0, 3.0, 4.0]


def test_wishes_for_no_column() -> None:
    with pytest.raises(HalftoneError) as caught:
        typed({"a": [1]}, wish(b={"name": "c"}))
    assert caught.value.field == "reading.columns.b"
    with pytest.raises(HalftoneError) as caught:
        typed({"a": [1]}, wish(a={"leave_out": True}))
    assert caught.value.code == ErrorCode.UNSUPPORTED_TYPE
