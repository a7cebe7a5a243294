"""A page as Arrow: an IPC stream with one record batch."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Mapping

    from halftone_views.columns import ColumnInfo

    from halftone_compute.rows.pages import Page
    from halftone_compute.store.base import Cells


def arrow_of(page: Page, columns: Mapping[str, ColumnInfo]) -> bytes:
    """The stream. Numbers keep their type, times are timestamps in UTC, categories and texts strings, what is missing
    null. The unit of a column stands in the metadata of its field.
    """
    arrays = [_array(cells, columns[name]) for name, cells in page.cells.items()]
    fields = [
        pa.field(name, array.type, metadata={"unit": columns[name].unit} if columns[name].unit else None)
        for name, array in zip(page.cells, arrays, strict=True)
    ]
    schema = pa.schema(fields)
    buffer = io.BytesIO()
    with pa.ipc.new_stream(buffer, schema) as stream:
        stream.write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema))
    return buffer.getvalue()


def _array(cells: Cells, column: ColumnInfo) -> pa.Array[Any]:
    missing = ~cells.valid
    if column.type == "time":
        return pa.array(cells.values, pa.timestamp(column.time_unit, "UTC"), mask=missing)
    if column.type == "number":
        numbers: pa.Array[Any] = pa.array(cells.values, mask=missing)
        return numbers
    texts: pa.Array[Any] = pa.array(cells.values, pa.string(), mask=missing)
    return texts
