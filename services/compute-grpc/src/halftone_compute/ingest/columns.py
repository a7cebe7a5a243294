"""Which column a source type becomes, and the conversion of its values."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from halftone_servicekit.errors import ErrorCode, HalftoneError

if TYPE_CHECKING:
    from halftone_compute.ingest.format import Cells

# 0001-01-01 to the last microsecond of 9999: what ISO 8601 writes with four digits, and every client can show.
TIME_MIN = -62_135_596_800_000_000
TIME_MAX = 253_402_300_799_999_999
_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_NAME_BYTES = 256


class Kind(StrEnum):
    """What a column is before its values were seen; a category becomes text when it has too many labels."""

    NUMBER = "number"
    TIME = "time"
    CATEGORY = "category"


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """`dtype` is the source type as Arrow names it, `layout` the NumPy type that numbers are stored in."""

    name: str
    kind: Kind
    dtype: str
    layout: str


def source_column(name: str, dtype: pa.DataType) -> SourceColumn | None:
    """None: a column of this type is left out."""
    value = dtype.value_type if pa.types.is_dictionary(dtype) else dtype
    kind = _kind(value)
    if kind is None:
        return None
    return SourceColumn(name, kind, str(dtype), _layout(kind, value))


def is_text(dtype: pa.DataType) -> bool:
    return bool(pa.types.is_string(dtype) or pa.types.is_large_string(dtype) or pa.types.is_string_view(dtype))


def _kind(dtype: pa.DataType) -> Kind | None:
    if is_text(dtype) or pa.types.is_boolean(dtype):
        return Kind.CATEGORY
    if pa.types.is_timestamp(dtype) or pa.types.is_date(dtype):
        return Kind.TIME
    if pa.types.is_integer(dtype) or pa.types.is_floating(dtype) or pa.types.is_decimal(dtype):
        return Kind.NUMBER
    return Kind.NUMBER if pa.types.is_null(dtype) else None


def _layout(kind: Kind, dtype: pa.DataType) -> str:
    if kind is Kind.CATEGORY:
        return "<i4"
    if kind is Kind.TIME:
        return "<i8"
    if pa.types.is_integer(dtype):
        return np.dtype(dtype.to_pandas_dtype()).newbyteorder("<").str
    return "<f4" if pa.types.is_float16(dtype) or pa.types.is_float32(dtype) else "<f8"


def numbers(array: Cells, layout: str) -> tuple[np.ndarray, np.ndarray | None]:
    """Values of shape (rows,) and, for integers with nulls, a bool mask of the valid ones. Float nulls are NaN."""
    array = _decoded(array)
    target = pa.from_numpy_dtype(np.dtype(layout))
    array = pc.cast(array, target) if array.type != target else array
    if pa.types.is_floating(target):
        return array.to_numpy(zero_copy_only=False), None
    return _filled(array)


def micros(array: Cells, field: str) -> tuple[np.ndarray, np.ndarray | None]:
    """Dates and timestamps as int64 microseconds UTC (finer units are rounded down) and the mask of valid ones.

    A timestamp without a zone is taken as UTC. Raises HalftoneError `timestamp_out_of_range`.
    """
    array = _decoded(array)
    per_second = _PER_SECOND[array.type.unit] if pa.types.is_timestamp(array.type) else 1_000
    if pa.types.is_date32(array.type):
        ticks, valid = _filled(array.view(pa.int32()))
        return _in_range(ticks.astype(np.int64), 86_400_000_000, 1, field), valid
    ticks, valid = _filled(array.view(pa.int64()))
    return _in_range(ticks, max(1, 1_000_000 // per_second), max(1, per_second // 1_000_000), field), valid


def _in_range(ticks: np.ndarray, times: int, divide: int, field: str) -> np.ndarray:
    values = ticks // divide if divide > 1 else ticks
    if len(values) and (values.min() < TIME_MIN // times or values.max() > TIME_MAX // times):
        raise HalftoneError(ErrorCode.TIMESTAMP_OUT_OF_RANGE, "A time lies outside the years 1 to 9999.", field=field)
    return values * times if times > 1 else values


def _filled(array: Cells) -> tuple[np.ndarray, np.ndarray | None]:
    if array.null_count == 0:
        return array.to_numpy(zero_copy_only=False), None
    valid = array.is_valid().to_numpy(zero_copy_only=False)
    return array.fill_null(0).to_numpy(zero_copy_only=False), valid


def _decoded(array: Cells) -> Cells:
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def column_names(names: list[str]) -> list[str]:
    """Names as a dataset shows them: runs of white space become one space, an empty name is `column_<place>`, a
    repeated one gets `_2`, `_3`….

    Raises HalftoneError `bad_column_name` for one that is over 256 bytes or holds control characters.
    """
    made: list[str] = []
    tidy = [" ".join(name.split()) for name in names]
    taken = set(tidy)
    seen: set[str] = set()
    for place, name in enumerate(tidy, 1):
        _check_name(name, place)
        # `__proto__` is no name for a key of a JavaScript object.
        name = f"column_{place}" if name in ("", "__proto__") else name
        made.append(_unused(name, seen, taken))
        seen.add(made[-1])
    return made


def _check_name(name: str, place: int) -> None:
    if len(name.encode("utf-8", "surrogatepass")) > _NAME_BYTES or any(
        unicodedata.category(letter) in ("Cc", "Cs") for letter in name
    ):
        raise HalftoneError(
            ErrorCode.BAD_COLUMN_NAME, f"The name of column {place} is too long or holds control characters."
        )


def _unused(name: str, seen: set[str], taken: set[str]) -> str:
    if name not in seen:
        return name
    number = 2
    while (candidate := f"{name}_{number}") in seen or candidate in taken:
        number += 1
    return candidate
