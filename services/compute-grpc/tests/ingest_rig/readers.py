"""What a reader of a file gives, whatever its format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from halftone_compute.ingest.format import Reader


def values_of(reader: Reader) -> dict[str, list[Any]]:
    """The values of every column, over all batches; each batch has as many of each as it says."""
    values: dict[str, list[Any]] = {column.name: [] for column in reader.columns}
    for batch in reader.batches():
        for column, array in zip(reader.columns, batch.arrays, strict=True):
            values[column.name] += array.to_pylist()
            assert len(array) == batch.rows
    return values
