"""Which column a source type becomes, and how columns are named."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.ingest.reading import ColumnReading, Reading

if TYPE_CHECKING:
    from collections.abc import Iterable

# pyarrow.Array and pyarrow.DictionaryArray: pyarrow-stubs does not cover what is called on them here.
Cells: TypeAlias = Any
Codes: TypeAlias = Any
# pyarrow.DataType with the attributes of its kinds, and pyarrow.Field, likewise.
ArrowType: TypeAlias = Any
ArrowField: TypeAlias = Any
compute: Any = pyarrow.compute
_NAME_BYTES = 256


class Kind(StrEnum):
    """What a column is by its source type; a category becomes text when it has too many or too long labels."""

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


def plain_reading(format: str, columns: Iterable[SourceColumn]) -> Reading:
    """The reading of a file whose columns are taken as they are."""
    return Reading(format, tuple(ColumnReading(each.name, each.name, each.kind.value) for each in columns))


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


def column_names(names: list[str]) -> list[str]:
    """Names as a dataset shows them: runs of white space become one space, an empty name becomes `column_<place>`, a
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
