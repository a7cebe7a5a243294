"""What a leaf becomes by its type: one column, two for points, or none, with the reason."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from halftone_compute.ingest.columns import is_text
from halftone_compute.ingest.format import TypesDifferError
from halftone_compute.ingest.typed import decimals, points
from halftone_compute.ingest.typed.epochs import suggested_format
from halftone_compute.ingest.typed.texts import suggested

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from halftone_compute.ingest.columns import ArrowType, Cells
    from halftone_compute.ingest.reading import ReadingType
    from halftone_compute.ingest.typed.leaves import Leaf

# The cells of each column, and a mask of those that do not fit; they are null in the cells.
Made: TypeAlias = "list[tuple[Cells, np.ndarray | None]]"
_FIT = 0.99


@dataclass(frozen=True, slots=True)
class Part:
    """One column that a leaf becomes. `dtype` is the Arrow type of its cells, `suffix` follows the leaf's source."""

    type: ReadingType
    dtype: pa.DataType
    suffix: str = ""
    unit: str = ""
    format: str = ""
    missing: tuple[str, ...] = ()
    suggest: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Conversion:
    """`make` takes the cells of a leaf and gives those of each part. `shown` is the text of a cell that did not fit,
    `note` a sentence for the person who reads how the file is read, or empty.
    """

    parts: tuple[Part, ...]
    make: Callable[[Cells], Made]
    note: str = ""
    shown: Callable[[object], str] = str


def conversion_of(leaf: Leaf, looked: list[Cells]) -> Conversion | str:
    """The conversion of a leaf, judged on the cells of `looked`; or why it is left out."""
    dtype = leaf.type
    if leaf.extension == "geoarrow.point" and pa.types.is_fixed_size_list(dtype):
        return _points(points.points_of_pairs)
    if pa.types.is_dictionary(dtype) or is_text(dtype):
        if _are_points(looked, points.points_of_wkt):
            return _points(points.points_of_wkt)
        part = Part("category", dtype, suggest=suggested(looked))
        return Conversion((part,), lambda cells: [(cells, None)])
    if pa.types.is_boolean(dtype) or leaf.extension == "arrow.bool8":
        return Conversion((Part("category", pa.bool_()),), lambda cells: [(pc.cast(cells, pa.bool_()), None)])
    if pa.types.is_timestamp(dtype) or pa.types.is_date(dtype):
        return _plain("time", dtype)
    if pa.types.is_integer(dtype):
        return _integers(dtype, looked)
    if pa.types.is_floating(dtype) or pa.types.is_null(dtype):
        return _plain("number", dtype)
    if pa.types.is_decimal(dtype):
        return _decimals(dtype, looked)
    if pa.types.is_time(dtype) or pa.types.is_duration(dtype):
        return _seconds(dtype)
    return _bytes_or_reason(leaf, looked)


def _bytes_or_reason(leaf: Leaf, looked: list[Cells]) -> Conversion | str:
    dtype = leaf.type
    if pa.types.is_binary(dtype) or pa.types.is_large_binary(dtype) or pa.types.is_binary_view(dtype):
        if _are_points(looked, points.points_of_wkb):
            return replace(_points(points.points_of_wkb), shown=_shown_shape)
        return _shapes(looked)
    if pa.types.is_nested(dtype):
        is_structs, is_unions = pa.types.is_struct(dtype) or pa.types.is_map(dtype), pa.types.is_union(dtype)
        kind = "maps or structs" if is_structs else "unions" if is_unions else "lists"
        return f"its cells are {kind}, and a column holds one value a row"
    return f"the type {str(dtype)[:100]} is none that can be drawn or counted"


def _shapes(looked: list[Cells]) -> str:
    first = next((cell for cells in looked for cell in cells.slice(0, 100).to_pylist() if cell is not None), b"")
    name = points.wkb_name(first)
    return f"its cells are geometries of the kind {name}, not points" if name.isupper() else "its cells are bytes"


def _shown_shape(cell: object) -> str:
    return points.wkb_name(cell) if isinstance(cell, bytes) else str(cell)


def _plain(type: ReadingType, dtype: pa.DataType) -> Conversion:
    return Conversion((Part(type, dtype),), lambda cells: [(cells, None)])


def _integers(dtype: pa.DataType, looked: list[Cells]) -> Conversion:
    found = {suggested_format(cells.drop_null().to_numpy()) for cells in looked if cells.null_count < len(cells)}
    suggest = ("time", found.pop()) if len(found) == 1 and "" not in found else None
    return Conversion((Part("number", dtype, suggest=suggest),), lambda cells: [(cells, None)])


def _decimals(dtype: ArrowType, looked: list[Cells]) -> Conversion:
    target = decimals.target_of(dtype, looked)
    if pa.types.is_string(target):
        note = f"has numbers of more than {decimals.DIGITS} digits; it is read as text, as a number would lose some"
        part = Part("category", target, suggest=("number", ""))
        return Conversion((part,), lambda cells: [(pc.cast(cells, target), None)], note)
    return Conversion((Part("number", target),), partial(_exact, target))


def _exact(target: pa.DataType, cells: Cells) -> Made:
    if decimals.lossy(cells, target):
        raise TypesDifferError(str(cells.type))
    return [(decimals.numbers_of(cells, target), None)]


def _seconds(dtype: ArrowType) -> Conversion:
    per_second = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}[dtype.unit]
    ticks = pa.int32() if dtype.bit_width == 32 else pa.int64()

    def make(cells: Cells) -> Made:
        return [(pc.divide(pc.cast(cells.view(ticks), pa.float64(), safe=False), float(per_second)), None)]

    return Conversion((Part("number", pa.float64(), unit="s"),), make)


def _points(read: Callable[[Cells], points.Points]) -> Conversion:
    def make(cells: Cells) -> Made:
        found = read(_text(cells))
        return [(pa.array(values, from_pandas=True), found.unfit) for values in (found.x, found.y)]

    return Conversion((Part("number", pa.float64(), ".x"), Part("number", pa.float64(), ".y")), make)


def _are_points(looked: list[Cells], read: Callable[[Cells], points.Points]) -> bool:
    """Whether nearly all cells hold points; not when all are missing."""
    cells = [_text(each) for each in looked]
    present = sum(int(len(each) - each.null_count) for each in cells)
    unfit = sum(int(read(each).unfit.sum()) for each in cells)
    return present > 0 and present - unfit >= _FIT * present


def _text(cells: Cells) -> Cells:
    """Cells of text out of their dictionary."""
    return cells.dictionary_decode() if pa.types.is_dictionary(cells.type) else cells
