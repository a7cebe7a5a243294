"""One schema for the parts of a table: columns by name, types widened where no value changes."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.ingest.columns import ArrowField, ArrowType, Cells, is_text

# Integers that a float64 holds all of.
_SMALL_BITS = 32


def unified(parts: list[tuple[str, pa.Schema]]) -> pa.Schema:
    """The schema of all (name of the part, its schema). Raises HalftoneError `type_mismatch` with the part's name."""
    _, schema = parts[0]
    if all(other.equals(schema) for _, other in parts):
        return schema
    fields: dict[str, ArrowField] = {}
    for name, other in parts:
        if len(set(other.names)) != len(other.names):
            raise HalftoneError(ErrorCode.TYPE_MISMATCH, f"{name}: two columns share a name.")
        for field in other:
            known = fields.setdefault(field.name, field)
            wider = _wider(known.type, field.type)
            if wider is None:
                raise HalftoneError(
                    ErrorCode.TYPE_MISMATCH,
                    f"{name}: {field.name} is {str(field.type)[:100]}, in the parts before {str(known.type)[:100]}.",
                )
            fields[field.name] = known.with_type(wider)
    return pa.schema(list(fields.values()))


def fitted(batch: pa.RecordBatch, schema: pa.Schema, fields: list[int]) -> pa.RecordBatch:
    """A batch of one part with the columns of `schema`; those that are not at `fields` are empty of type null."""
    nothing = pa.nulls(batch.num_rows)
    columns = [_column(batch, field) if place in fields else nothing for place, field in enumerate(schema)]
    return pa.RecordBatch.from_arrays(columns, schema.names)


def _column(batch: pa.RecordBatch, field: ArrowField) -> Cells:
    place = batch.schema.get_field_index(field.name)
    if place < 0:
        return pa.nulls(batch.num_rows, field.type)
    array: Cells = batch.column(place)
    same = array.type == field.type or (pa.types.is_dictionary(array.type) and is_text(field.type))
    return array if same else pc.cast(array, field.type)


def _wider(one: ArrowType, other: ArrowType) -> ArrowType | None:
    """The type that holds every value of both; None when there is none."""
    if one == other or pa.types.is_null(other):
        return one
    if pa.types.is_null(one):
        return other
    if pa.types.is_integer(one) and pa.types.is_integer(other):
        return _wider_integer(one, other)
    if _is_small_number(one) and _is_small_number(other):
        return pa.float64()
    if _is_labelled(one) and _is_labelled(other):
        return pa.large_string()
    if pa.types.is_timestamp(one) and pa.types.is_timestamp(other) and (one.tz is None) == (other.tz is None):
        # Microseconds hold every second of the years that a version holds; finer units stay.
        return max(one, other, key=lambda dtype: ("s", "ms", "us", "ns").index(dtype.unit))
    return None


def _wider_integer(one: ArrowType, other: ArrowType) -> ArrowType | None:
    signed = [dtype for dtype in (one, other) if pa.types.is_signed_integer(dtype)]
    if len(signed) != 1:
        return max(one, other, key=lambda dtype: dtype.bit_width)
    unsigned = other if signed[0] is one else one
    return pa.int64() if unsigned.bit_width <= _SMALL_BITS else None


def _is_small_number(dtype: ArrowType) -> bool:
    return bool(pa.types.is_floating(dtype) or (pa.types.is_integer(dtype) and dtype.bit_width <= _SMALL_BITS))


def _is_labelled(dtype: ArrowType) -> bool:
    return is_text(dtype.value_type if pa.types.is_dictionary(dtype) else dtype)
