"""Record batches read as a typed file is."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from halftone_compute.ingest.reading import Wishes
from halftone_compute.ingest.typed.table import TypedTable

if TYPE_CHECKING:
    from collections.abc import Mapping

# WKB of a point and of a line.
POINT = struct.pack("<BIdd", 1, 1, 1.5, 2.5)
LINE = struct.pack("<BII", 1, 2, 0)


def typed(columns: Mapping[str, Any], wishes: Wishes | None = None) -> tuple[TypedTable, dict[str, list[Any]]]:
    """The table, judged on all rows, and its values by column."""
    batch = pa.record_batch(dict(columns))
    table = TypedTable("test", batch.schema, wishes or Wishes(), [batch])
    names = [column.name for column in table.columns]
    return table, {name: array.to_pylist() for name, array in zip(names, table.arrays(batch), strict=True)}


def wish(**columns: dict[str, Any]) -> Wishes:
    return Wishes(columns=columns)
