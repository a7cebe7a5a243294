"""Orders of rows, as whole numbers: of two rows the one with the lesser key comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from typing_extensions import override

from halftone_compute.rows.chosen import distances
from halftone_compute.rows.texts import first_bytes
from halftone_compute.store.base import ROW_NUMBER

if TYPE_CHECKING:
    from halftone.v1 import compute_pb2

    from halftone_compute.rows.question import RowsQuestion
    from halftone_compute.store.base import Block, OpenRows, TextColumn

_SIGN = np.uint64(1 << 63)


class Keys(NamedTuple):
    """`keys` uint64 and `missing` bool, both of shape (rows,); None: no row is without a value. Those without one come
    after all others, whatever their key.
    """

    keys: np.ndarray
    missing: np.ndarray | None = None


class RowOrder(Protocol):
    """`columns` are those that `keys` reads."""

    columns: tuple[str, ...]

    def keys(self, block: Block) -> Keys: ...


class FileOrder(RowOrder):
    """The order of the file."""

    columns = (ROW_NUMBER,)

    @override
    def keys(self, block: Block) -> Keys:
        return Keys(block.values[ROW_NUMBER].astype(np.uint64))


class ValueOrder(RowOrder):
    """By the values of a number or a time."""

    def __init__(self, column: str, *, descending: bool) -> None:
        self.columns = (column,)
        self._descending = descending

    @override
    def keys(self, block: Block) -> Keys:
        (column,) = self.columns
        values, valid = block.values[column], block.valid.get(column)
        missing = None if valid is None else ~valid
        if values.dtype.kind == "f" and (nan := np.isnan(values)).any():
            missing = nan if missing is None else missing | nan
        found = keys_of(values)
        return Keys(~found if self._descending else found, missing)


class LabelOrder(RowOrder):
    """By the labels of a category, as their code points stand."""

    def __init__(self, column: str, labels: list[str | None], *, descending: bool) -> None:
        self.columns = (column,)
        self._ranks = np.zeros(len(labels), np.uint64)
        named = [code for code, label in enumerate(labels) if label is not None]
        by_label = sorted(named, key=lambda code: str(labels[code]), reverse=descending)
        self._ranks[by_label] = np.arange(len(by_label), dtype=np.uint64)
        self._missing = np.array([label is None for label in labels], np.bool_)

    @override
    def keys(self, block: Block) -> Keys:
        codes = block.values[self.columns[0]]
        return Keys(self._ranks[codes], self._missing[codes] if self._missing.any() else None)


class TextOrder(RowOrder):
    """By the first bytes of a text: rows of one key are put in order by comparing (`BestTexts`)."""

    columns = (ROW_NUMBER,)

    def __init__(self, texts: TextColumn, *, descending: bool) -> None:
        self._texts = texts
        self._descending = descending

    @override
    def keys(self, block: Block) -> Keys:
        numbers = block.values[ROW_NUMBER]
        found = first_bytes(self._texts, numbers)
        missing = None if self._texts.valid is None else ~self._texts.valid[numbers]
        return Keys(~found if self._descending else found, missing)


class DistanceOrder(RowOrder):
    """By the distance from a point."""

    def __init__(self, nearest: compute_pb2.NearestRows, version: OpenRows) -> None:
        self.columns = tuple(dict.fromkeys((nearest.x_axis.column, nearest.y_axis.column)))
        self._nearest = nearest
        self._version = version

    @override
    def keys(self, block: Block) -> Keys:
        return Keys(keys_of(distances(self._nearest, block, self._version)))


def order_of(question: RowsQuestion, labels: list[str | None]) -> RowOrder:
    """The order that a question asks for; `labels` are those of the column, by code, when it sorts by a category."""
    if question.nearest is not None:
        return DistanceOrder(question.nearest, question.version)
    if question.sort is None:
        return FileOrder()
    column, descending = question.sort.column, question.sort.descending
    kind = question.version.columns[column].type
    if kind == "text":
        return TextOrder(question.version.texts_of(column), descending=descending)
    if kind == "category":
        return LabelOrder(column, labels, descending=descending)
    return ValueOrder(column, descending=descending)


def keys_of(values: np.ndarray) -> np.ndarray:
    """uint64 of shape (rows,): lesser for lesser values, equal for equal ones, 0.0 and -0.0 among them."""
    if values.dtype.kind == "u":
        return values.astype(np.uint64)
    if values.dtype.kind == "i":
        return values.astype(np.int64).view(np.uint64) ^ _SIGN
    # Adding zero leaves one zero. Negative numbers ascend as their bits descend.
    bits = (values.astype(np.float64) + 0.0).view(np.uint64)
    return np.where(bits >= _SIGN, ~bits, bits | _SIGN)
