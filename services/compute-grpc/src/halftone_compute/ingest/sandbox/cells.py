"""Cells of a table as the text that a preview shows: the values as they are stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from halftone_compute.ingest.columns import Kind
from halftone_compute.ingest.write.values import micros, numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from halftone_compute.ingest.columns import Cells, SourceColumn


def texts(array: Cells, column: SourceColumn) -> list[str | None]:
    """A text for each cell, None where it is missing, did not fit, or lies outside of the years 1 to 9999."""
    if column.kind is Kind.CATEGORY:
        return _labels(array)
    if column.kind is Kind.TIME:
        values, valid, _ = micros(array)
        return _listed([_time(value) for value in values.astype("datetime64[us]")], valid)
    values, valid = numbers(array, column.layout)
    if values.dtype.kind == "f":
        valid = ~np.isnan(values)
    return _listed([_number(value) for value in values], valid)


def _labels(array: Cells) -> list[str | None]:
    array = array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
    labels: list[str | None] = array.cast(pa.large_string()).to_pylist()
    return labels


def _listed(made: Sequence[str], valid: np.ndarray | None) -> list[str | None]:
    return [text if valid is None or valid[place] else None for place, text in enumerate(made)]


def _time(value: np.datetime64) -> str:
    """ISO 8601 in UTC, with a fraction where there is one."""
    text = str(value)
    return f"{text.removesuffix('.000000')}Z"


def _number(value: np.generic) -> str:
    """The shortest text that gives the same number again; whole ones below 1e16 without a fraction."""
    return str(value).removesuffix(".0")
