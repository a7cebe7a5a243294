"""Tables of points: how rows are spread decides how much of an index a picture meets."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

PART = 1 << 21
_CLUSTERS = 5_000
_ON_GRID = 0.3


def even(rng: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Two normal distributions."""
    return rng.standard_normal(rows, np.float32), rng.standard_normal(rows, np.float32)


def skewed(rng: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Clusters of very different weights, and many rows at the same points of a grid."""
    centres = np.random.default_rng(1).normal(size=(_CLUSTERS, 2))
    weights = 1 / np.arange(1, _CLUSTERS + 1)
    chosen = rng.choice(_CLUSTERS, rows, p=weights / weights.sum())
    at = (centres[chosen] + rng.normal(size=(rows, 2)) * 0.01).astype(np.float32)
    on_grid = rng.random(rows) < _ON_GRID
    at[on_grid] = np.round(at[on_grid] * 50) / 50
    return at[:, 0], at[:, 1]


SPREADS: Mapping[str, Callable[[np.random.Generator, int], tuple[np.ndarray, np.ndarray]]] = MappingProxyType(
    {"even": even, "skewed": skewed}
)


def writer_of(spread: str) -> Callable[[Path, int], None]:
    """Writes so many rows of a spread."""
    return lambda path, rows: write_parquet(path, spread, rows)


def write_parquet(path: Path, spread: str, rows: int) -> None:
    """Columns x and y, float32, in no order."""
    rng = np.random.default_rng(7)
    schema = pa.schema([("x", pa.float32()), ("y", pa.float32())])
    with pq.ParquetWriter(path, schema, compression="none", use_dictionary=False) as writer:
        for start in range(0, rows, PART):
            x, y = SPREADS[spread](rng, min(PART, rows - start))
            writer.write_table(pa.table([pa.array(x), pa.array(y)], schema=schema))
