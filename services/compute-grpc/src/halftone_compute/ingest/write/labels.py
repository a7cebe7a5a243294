"""The values of an integer column with few of them, so that views can use it as a category too."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# Different values; with more, a column is a number alone.
MOST = 256
_SAMPLE_ROWS = 4_096


class IntegerLabels:
    """Counts the rows of each value until there are more than `MOST` different ones."""

    def __init__(self) -> None:
        self._counts: dict[int, int] | None = {}

    def add(self, values: np.ndarray) -> None:
        """Integers of shape (rows,)."""
        # A first look at few rows, so that columns of many values cost nothing.
        if self._counts is None or _too_many(values[:_SAMPLE_ROWS]):
            self._counts = None
            return
        counted = pc.value_counts(pa.array(values))
        for value, rows in zip(counted.field(0).to_pylist()[: MOST + 1], counted.field(1).to_pylist(), strict=False):
            self._counts[value] = self._counts.get(value, 0) + rows
        if len(self._counts) > MOST:
            self._counts = None

    def labels(self, missing: int) -> tuple[tuple[str | None, int], ...]:
        """(decimal text, rows) in the order of values, then (None, `missing`) where rows have no value; empty for a
        column of many values or of none.
        """
        if not self._counts:
            return ()
        found = tuple((str(value), self._counts[value]) for value in sorted(self._counts))
        return (*found, (None, missing)) if missing else found


def _too_many(values: np.ndarray) -> bool:
    return len(np.unique(values)) > MOST
