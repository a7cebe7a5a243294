"""The columns of a schema whose structs are flattened: `bbox` of `xmin` and `ymin` is `bbox.xmin` and `bbox.ymin`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.ingest.columns import is_text
from halftone_compute.ingest.limits import check_columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from halftone_compute.ingest.columns import ArrowField, ArrowType, Cells

_EXTENSION = b"ARROW:extension:name"
# Structs in structs; what lies deeper is left out as it is.
_DEPTH = 32


@dataclass(frozen=True, slots=True)
class Leaf:
    """One array of a batch. `place` is that of its top-level field, `steps` lead down through structs to it.

    `source` is its dotted path, made different from all before it; `type` that of its cells once `cells` took them out
    of dictionaries of numbers, runs and extensions; `extension` the name of the extension type, or empty.
    """

    source: str
    place: int
    steps: tuple[int, ...]
    type: ArrowType
    extension: str = ""

    def cells(self, array: Cells) -> Cells:
        """The cells of this leaf in the array of its top-level field; null where a struct around it is null."""
        array = array.storage if isinstance(array.type, pa.BaseExtensionType) else array
        for step in self.steps:
            array = pc.struct_field(array, [step])
            array = array.storage if isinstance(array.type, pa.BaseExtensionType) else array
        return _unpacked(array)


def leaves(schema: pa.Schema) -> list[Leaf]:
    """Raises HalftoneError `too_many_columns`, and `bad_encoding` for a name that is not UTF-8."""
    try:
        return _leaves(schema)
    except UnicodeDecodeError as error:
        raise HalftoneError(ErrorCode.BAD_ENCODING, "The name of a column is not valid UTF-8.") from error


def _leaves(schema: pa.Schema) -> list[Leaf]:
    found: list[Leaf] = []
    seen: set[str] = set()
    for place, field in enumerate(schema):
        for leaf in _below(field, field.name, place, ()):
            found.append(_renamed(leaf, seen))
            seen.add(found[-1].source)
        check_columns(len(found))
    return found


def _below(field: ArrowField, source: str, place: int, steps: tuple[int, ...]) -> Iterator[Leaf]:
    dtype, extension = field.type, (field.metadata or {}).get(_EXTENSION, b"").decode("utf-8", "replace")
    if isinstance(dtype, pa.BaseExtensionType):
        extension, dtype = dtype.extension_name, dtype.storage_type
    if pa.types.is_struct(dtype) and dtype.num_fields and len(steps) < _DEPTH:
        for step, child in enumerate(dtype):
            yield from _below(child, f"{source}.{child.name}", place, (*steps, step))
    else:
        yield Leaf(source, place, steps, _unpacked_type(dtype), extension)


def _renamed(leaf: Leaf, seen: set[str]) -> Leaf:
    source, number = leaf.source, 2
    while source in seen:
        source, number = f"{leaf.source}_{number}", number + 1
    return Leaf(source, leaf.place, leaf.steps, leaf.type, leaf.extension)


def _unpacked_type(dtype: ArrowType) -> ArrowType:
    if pa.types.is_run_end_encoded(dtype) or (pa.types.is_dictionary(dtype) and not is_text(dtype.value_type)):
        return _unpacked_type(dtype.value_type)
    return dtype


def _unpacked(array: Cells) -> Cells:
    if pa.types.is_run_end_encoded(array.type):
        return _unpacked(pc.call_function("run_end_decode", [array]))
    if pa.types.is_dictionary(array.type) and not is_text(array.type.value_type):
        return _unpacked(array.dictionary_decode())
    return array
