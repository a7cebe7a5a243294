"""Files as people upload them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Mapping


def parquet(
    columns: Mapping[str, Any],
    row_group_size: int | None = None,
    compression: Literal["snappy", "gzip", "zstd"] = "snappy",
) -> bytes:
    """A Parquet file of Arrow arrays or lists."""
    sink = io.BytesIO()
    pq.write_table(pa.table(dict(columns)), sink, row_group_size=row_group_size, compression=compression)
    return sink.getvalue()


# Two columns: a child that is held stops before it makes the second.
TWO_COLUMNS = b"a,b\n1,2\n"


def slow_csv(rows: int = 60_000) -> bytes:
    """A file that takes long to read: 40 text columns."""
    line = ",".join(f"value-{place}" for place in range(40)) + "\n"
    return ",".join(f"c{place}" for place in range(40)).encode() + b"\n" + line.encode() * rows
