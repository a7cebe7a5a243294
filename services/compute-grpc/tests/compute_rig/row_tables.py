"""Tables with every sort of cell, imported, and what pandas makes of them: for tests of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
from halftone.v1 import compute_pb2, rows_pb2
from halftone_compute.store.versions import LocalStore
from halftone_views.lattice.transform import transform_of

from compute_rig.exact import bin_of
from compute_rig.imported import imported
from compute_rig.indexed import ordered

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from halftone_compute.store.base import OpenRows

_ODD = (np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, 1.0, -1.0, 5e-324, 1e300)
_LABELS = ("b", "a", "Ä", "", "zz", None)
_STEPS: dict[int, Callable[[pd.Series], pd.Series]] = {
    compute_pb2.TRANSFORM_HOUR: lambda times: times.dt.hour,
    compute_pb2.TRANSFORM_WEEKDAY: lambda times: times.dt.day_of_week,
    compute_pb2.TRANSFORM_MONTH: lambda times: times.dt.month - 1,
}


@dataclass(frozen=True)
class RowTable:
    """An imported version beside the frame that it was made of, whose index is the number of each row."""

    version: OpenRows
    frame: pd.DataFrame

    def mask(self, given: compute_pb2.RowRange) -> pd.Series:
        """The rows of a range."""
        at = self.places(given.axis)
        if given.steps or given.others:
            return at.notna() & ((at // 1).isin(list(given.steps)) ^ given.others)
        low = given.low if given.HasField("low") else -np.inf
        high = given.high if given.HasField("high") else np.inf
        return at.notna() & (at >= low) & (at < high)

    def places(self, axis: compute_pb2.Axis) -> pd.Series:
        """Where each row lies on an axis: float64, NaN where it has no place."""
        column = self.frame[axis.column]
        if axis.transform == compute_pb2.TRANSFORM_CATEGORY:
            labels = [label for label, _ in self.version.columns[axis.column].categories]
            codes = [labels.index(text) + 0.5 for text in self._texts(axis.column)]
            return pd.Series(codes, column.index, dtype="float64")
        if axis.transform in _STEPS:
            return _STEPS[axis.transform](column).astype("float64") + 0.5
        transform = transform_of(axis.transform)
        if column.dtype.kind == "M":
            column = column.astype("datetime64[us]").astype("int64").astype("float64").where(column.notna())
        numbers = column.astype("float64")
        inside = (numbers >= transform.low) & (numbers <= transform.high)
        found = numbers.where(inside).map(transform.forward, na_action="ignore")
        return found.map(lambda at: bin_of(at, axis.width) + 0.5, na_action="ignore") if axis.width else found

    def sorted(self, rows: pd.DataFrame, sort: rows_pb2.RowSort | None) -> pd.DataFrame:
        """Some of the rows in an order."""
        if sort is None:
            return rows
        keys = self._texts(sort.column) if sort.column in "cbs" else self.frame[sort.column]
        ordered = keys.loc[rows.index].sort_values(ascending=not sort.descending, kind="stable", na_position="last")
        return rows.loc[ordered.index]

    def _texts(self, name: str) -> pd.Series:
        cells = [None if pd.isna(cell) else str(cell).lower() if name == "b" else cell for cell in self.frame[name]]
        return pd.Series(cells, self.frame.index, dtype=object)


def row_table(root: Path, rows: int, seed: int, *, with_index: bool = True) -> RowTable:
    """Rows of every sort of cell: numbers x, y, f (narrow), whole numbers i (with gaps) and u (to 2^64), times t,
    categories c, truths b, texts s.
    """
    rng = np.random.default_rng(seed)

    def odd(values: np.ndarray) -> np.ndarray:
        return np.where(rng.random(rows) < 0.3, rng.choice(_ODD, rows), values)

    wide = odd(np.round(rng.normal(size=rows) * 8, 1))
    t = pd.Series(pd.to_datetime(rng.integers(0, 10**9, rows) * 10**6, unit="us"))
    frame = pd.DataFrame(
        {
            "x": wide,
            "y": odd(rng.integers(-90, 90, rows).astype(float)),
            "f": np.where(np.abs(wide) > 1e30, 0.1, wide).astype("f4"),
            "i": pd.array(rng.choice([-(2**63), -3, 0, 7, 2**63 - 1], rows), "Int64"),
            "u": rng.choice(np.array([0, 1, 2**63, 2**64 - 1], np.uint64), rows),
            "t": t.astype("datetime64[us]").where(rng.random(rows) < 0.8),
            "c": pd.Series(rng.choice(np.array(_LABELS, object), rows), dtype=object),
            "b": pd.Series(rng.choice(np.array([True, False, None], object), rows), dtype=object),
            "s": pd.Series([f"text {number} é" if number % 3 else None for number in range(rows)], dtype=object),
        }
    )
    frame.loc[rng.random(rows) < 0.3, "i"] = pd.NA
    types = {"c": pa.string(), "b": pa.bool_(), "s": pa.string()}
    names = [str(name) for name in frame]
    table = {name: pa.array(frame[name], types.get(name), from_pandas=name not in "xyf") for name in names}
    made = imported(root, table, ordered=False)
    if with_index:
        ordered(made)
    return RowTable(LocalStore(root).open(made.grant()), frame)
