"""What a person, or the version before, wishes of a column that has a type of its own."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.ingest.typed.conversions import Conversion, Part
from halftone_compute.ingest.typed.epochs import FORMATS, times_of
from halftone_compute.ingest.typed.texts import TextReader, holds_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np

    from halftone_compute.ingest.columns import Cells
    from halftone_compute.ingest.reading import Wishes
    from halftone_compute.ingest.typed.conversions import Made


def changed(conversion: Conversion, wishes: Wishes, source: str, looked: Sequence[Cells]) -> Conversion:
    """The conversion of the leaf `source` as wished; text is judged on the cells of `looked`.

    Raises HalftoneError `param_invalid` for a firm wish that does not fit.
    """
    if len(conversion.parts) == 1:
        wish = wishes.columns.get(source, {})
        with_missing = _with_missing(conversion, tuple(wish.get("missing", ())))
        text = _read_as_text(with_missing, wishes, source, looked)
        return text or _with_type(with_missing, wish, source, firm=wishes.firm)
    for part in conversion.parts:
        name = source + part.suffix
        if wishes.firm and wishes.columns.get(name, {}).get("type", "number") != "number":
            raise _refused(name, "A coordinate is a number.")
    return conversion


def _with_missing(conversion: Conversion, missing: tuple[str, ...]) -> Conversion:
    if not missing:
        return conversion
    [part] = conversion.parts
    return replace(
        conversion,
        parts=(replace(part, missing=missing),),
        make=lambda cells: conversion.make(_without(cells, missing)),
    )


def _without(cells: Cells, missing: tuple[str, ...]) -> Cells:
    """The cells, null where one is written like one of `missing`."""
    if pa.types.is_dictionary(cells.type):
        cells = cells.dictionary_decode()
    marks = [mark for mark in map(partial(_mark, cells.type), missing) if mark is not None]
    if not marks:
        return cells
    hit = pc.is_in(cells, pa.array(marks, cells.type))
    return pc.if_else(hit, pa.scalar(None, cells.type), cells)


def _mark(dtype: pa.DataType, mark: str) -> object:
    """The value that a mark stands for in a column of a type; None when it can be none of its cells."""
    try:
        return pa.scalar(mark).cast(dtype).as_py()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None


def _with_type(conversion: Conversion, wish: Mapping[str, Any], source: str, *, firm: bool) -> Conversion:
    [part] = conversion.parts
    wanted, format = wish.get("type", part.type), wish.get("format", "")
    if wanted == part.type and (wanted != "time" or not format):
        return conversion
    if wanted == "time" and part.type == "number" and format in FORMATS:
        return _then(conversion, partial(times_of, format=format), Part("time", pa.timestamp("us"), format=format))
    if wanted == "category":
        return _then(conversion, _labels, Part("category", pa.string()))
    if wanted == "number" and part.type == "category" and _holds_numbers(part):
        return _then(conversion, _numbers, Part("number", pa.float64()))
    if firm:
        raise _refused(
            source, f"A column of the type {part.dtype} can not be read as a {wanted} {format}".rstrip() + "."
        )
    return conversion


def _read_as_text(conversion: Conversion, wishes: Wishes, source: str, looked: Sequence[Cells]) -> Conversion | None:
    """The numbers or times in a column of text; None where none are wished, or do not fit what is not firm."""
    [part] = conversion.parts
    wish = wishes.columns.get(source, {})
    # Decimals that were read as text are numbers already.
    if wish.get("type") not in ("number", "time") or not holds_text(part.dtype) or conversion.note:
        return None
    reader = TextReader(source, looked, wish)
    if not wishes.firm and not reader.fits:
        return None
    reading = reader.reading
    made = Part(reading.type, reader.dtype, unit=reading.unit, format=reading.format)
    return _then(conversion, reader.read, made)


def _then(conversion: Conversion, after: Callable[[Cells], tuple[Cells, np.ndarray | None]], part: Part) -> Conversion:
    """`conversion`, then `after` on the cells of its only part, which becomes `part`."""
    [before] = conversion.parts

    def make(cells: Cells) -> Made:
        [(array, unfit)] = conversion.make(cells)
        again, more = after(array)
        return [(again, more if unfit is None else unfit if more is None else unfit | more)]

    part = replace(part, suffix=before.suffix, missing=before.missing, suggest=(before.type, before.format))
    return replace(conversion, parts=(part,), make=make, note="")


def _labels(cells: Cells) -> tuple[Cells, None]:
    return pc.cast(cells, pa.string()), None


def _holds_numbers(part: Part) -> bool:
    """Booleans, and decimals that were read as text."""
    return pa.types.is_boolean(part.dtype) or part.suggest == ("number", "")


def _numbers(cells: Cells) -> tuple[Cells, None]:
    return pc.cast(cells, pa.float64()), None


def _refused(source: str, detail: str) -> HalftoneError:
    return HalftoneError(ErrorCode.PARAM_INVALID, detail, field=f"reading.columns.{source}.type"[:255])
