"""A list of JSON: one object for each row, every object with the same keys."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING

import pyarrow as pa
from halftone_compute.ingest.columns import SourceColumn, column_names, plain_reading, source_column
from halftone_compute.ingest.format import Batch, Format

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from halftone_compute.ingest.limits import Budget
    from halftone_compute.ingest.reading import Unreadable, Wishes
    from halftone_compute.store.manifest import Skipped

_BATCH_ROWS = 100


class ToyReader:
    skipped: tuple[Skipped, ...] = ()
    unreadable: Mapping[str, Unreadable] = MappingProxyType({})

    def __init__(self, path: Path, budget: Budget, wishes: Wishes, *, whole: bool) -> None:
        self._bytes = path.stat().st_size
        budget.check(self._bytes)
        self._table = pa.Table.from_pylist(json.loads(path.read_text()))
        found = map(source_column, column_names(self._table.column_names), self._table.schema.types)
        self.columns: tuple[SourceColumn, ...] = tuple(column for column in found if column is not None)
        self.rows_total: int | None = self._table.num_rows
        self.reading = plain_reading("toy", self.columns)

    def batches(self) -> Iterator[Batch]:
        for batch in self._table.to_batches(_BATCH_ROWS):
            yield Batch(batch.num_rows, batch.columns, self._bytes)


FORMAT = Format("Toy", ("toy",), ToyReader)
