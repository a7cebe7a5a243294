"""Whole numbers as categories: the code of a value is its place among the labels of its column."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from halftone_views.columns import ColumnInfo

    from halftone_compute.store.base import Block

# No column has such a name: names hold no control characters.
_PREFIX = "\0codes of "
_NO_CODE = -1


@dataclass(frozen=True, slots=True)
class Labels:
    """`values` ascend, and `codes[i]` is that of `values[i]`; `missing` is that of rows without one, -1 for none."""

    column: str
    values: np.ndarray
    codes: np.ndarray
    missing: int

    @classmethod
    def of(cls, column: ColumnInfo) -> Labels:
        """The labels of a number column that has some."""
        names = [label for label, _ in column.categories]
        found = sorted((int(label), code) for code, label in enumerate(names) if label is not None)
        missing = names.index(None) if None in names else _NO_CODE
        dtype = np.uint64 if column.dtype == "uint64" else np.int64
        values, codes = zip(*found, strict=True) if found else ((), ())
        return cls(column.name, np.array(values, dtype), np.array(codes, np.int32), missing)

    @property
    def name(self) -> str:
        """What the codes are called beside the columns of a block: the numbers may be read too."""
        return f"{_PREFIX}{self.column}"

    def added(self, block: Block) -> Block:
        """The block with the codes of each row, int32 of shape (rows,)."""
        numbers = block.values[self.column]
        codes = np.full(len(numbers), _NO_CODE, np.int32)
        if len(self.values):
            places = np.minimum(np.searchsorted(self.values, numbers), len(self.values) - 1)
            codes = np.where(self.values[places] == numbers, self.codes[places], np.int32(_NO_CODE))
        if self.column in block.valid:
            codes = np.where(block.valid[self.column], codes, np.int32(self.missing))
        return replace(block, values={**block.values, self.name: codes})
