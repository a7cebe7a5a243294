"""One schema for parts: wider where no value changes, refused where one would."""

from __future__ import annotations

import pyarrow as pa
import pytest
from halftone_compute.ingest.parquet.schema import fitted, unified
from halftone_servicekit.errors import HalftoneError

WIDER = [
    (pa.int8(), pa.int64(), pa.int64()),
    (pa.uint8(), pa.uint32(), pa.uint32()),
    (pa.uint32(), pa.int8(), pa.int64()),
    (pa.int32(), pa.float32(), pa.float64()),
    (pa.null(), pa.string(), pa.string()),
    (pa.string(), pa.dictionary(pa.int8(), pa.string()), pa.large_string()),
    (pa.timestamp("s"), pa.timestamp("us"), pa.timestamp("us")),
    (pa.timestamp("ms", "UTC"), pa.timestamp("ns", "Asia/Kolkata"), pa.timestamp("ns", "Asia/Kolkata")),
]
OTHER = [
    (pa.uint64(), pa.int8()),
    (pa.int64(), pa.float64()),
    (pa.string(), pa.int8()),
    (pa.timestamp("s"), pa.timestamp("s", "UTC")),
    (pa.struct([("x", pa.int8())]), pa.struct([("x", pa.int16())])),
]


def _schemas(*types: pa.DataType) -> list[tuple[str, pa.Schema]]:
    return [(f"part {place}", pa.schema([pa.field("a", dtype)])) for place, dtype in enumerate(types)]


@pytest.mark.parametrize(("one", "other", "wider"), WIDER)
def test_types_that_hold_both(one: pa.DataType, other: pa.DataType, wider: pa.DataType) -> None:
    assert unified(_schemas(one, other)).field("a").type.id == wider.id
    assert unified(_schemas(other, one, one)).field("a").type.id == wider.id


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_types_that_no_type_holds(one: pa.DataType, other: pa.DataType) -> None:
    for pair in ((one, other), (other, one)):
        with pytest.raises(HalftoneError, match="part 1: a is"):
            unified(_schemas(*pair))


def test_names_that_repeat_identify_no_column() -> None:
    twice = pa.schema([("a", pa.int8()), ("a", pa.int8())])
    assert unified([("part 0", twice), ("part 1", twice)]) == twice
    with pytest.raises(HalftoneError, match="part 1: two columns share a name"):
        unified([*_schemas(pa.int8()), ("part 1", twice)])


def test_columns_come_in_the_order_of_the_schema() -> None:
    types: dict[str, pa.DataType] = {"a": pa.int64(), "b": pa.int8(), "gone": pa.string(), "s": pa.large_string()}
    schema = pa.schema(types)
    codes = pa.array(["x"]).dictionary_encode()
    batch = pa.record_batch({"s": codes, "b": pa.array([1], pa.int8()), "a": pa.array([2], pa.int16())})
    found = fitted(batch, schema, [0, 2, 3])
    assert found.to_pylist() == [{"a": 2, "b": None, "gone": None, "s": "x"}]
    assert pa.types.is_dictionary(found.column("s").type)
