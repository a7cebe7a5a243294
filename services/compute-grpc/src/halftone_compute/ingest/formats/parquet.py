"""Parquet: one file, or the parts of a table in a folder or a zip archive."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.ingest.format import Batch, Format
from halftone_compute.ingest.limits import batch_rows, check_columns
from halftone_compute.ingest.parquet.partitions import Partitions
from halftone_compute.ingest.parquet.parts import Parts
from halftone_compute.ingest.parquet.schema import fitted, unified
from halftone_compute.ingest.reading import ReadingWarning
from halftone_compute.ingest.typed.table import TypedTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from halftone_compute.ingest.columns import SourceColumn
    from halftone_compute.ingest.limits import Budget
    from halftone_compute.ingest.parquet.file import ParquetFile
    from halftone_compute.ingest.reading import Reading, Unreadable, Wishes
    from halftone_compute.store.manifest import Skipped

# Judged without `whole`.
_LOOKED_ROWS = 4_096


class ParquetReader:
    """A table in Parquet. Columns of types that cannot be stored are left out and named in `skipped`.

    Raises HalftoneError `empty_file`, `type_mismatch`, `corrupt_parquet`, `too_many_columns`,
    `too_large_uncompressed`, `unsupported_type` (no column is left), `bad_column_name` or `param_invalid`; without
    `whole`, `batches` also raises TypesDifferError.
    """

    def __init__(self, path: Path, budget: Budget, wishes: Wishes, *, whole: bool = False) -> None:
        self._folder = Parts(path, budget)
        self._parts = self._folder.files
        self._rows = sum(part.rows for part in self._parts)
        if self._rows == 0:
            raise HalftoneError(ErrorCode.EMPTY_FILE)
        check_columns(max(part.leaves for part in self._parts))
        self._stored = unified([(part.name, part.schema) for part in self._parts])
        self._partitions = Partitions([part.name for part in self._parts], set(self._stored.names))
        self._schema = pa.schema([*self._stored, *self._partitions.fields])
        budget.check(sum(part.unpacked_bytes for part in self._parts))
        looked = self._raw(_flat_fields(self._schema), _LOOKED_ROWS)
        looked = looked if whole else itertools.islice(looked, 1)
        self._table = TypedTable("parquet", self._schema, wishes, list(looked), self._warnings())
        budget.check(self._rows * sum(np.dtype(column.layout).itemsize for column in self.columns))

    @property
    def reading(self) -> Reading:
        return self._table.reading

    @property
    def columns(self) -> tuple[SourceColumn, ...]:
        return self._table.columns

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        return self._table.skipped

    @property
    def unreadable(self) -> Mapping[str, Unreadable]:
        return self._table.unreadable

    @property
    def rows_total(self) -> int:
        return self._rows

    def batches(self) -> Iterator[Batch]:
        fields = self._table.fields
        size, rows = sum(part.bytes for part in self._parts), 0
        for batch in self._raw(fields, batch_rows(len(fields))):
            rows += batch.num_rows
            yield Batch(batch.num_rows, self._table.arrays(batch), size * rows // self._rows)

    def _raw(self, fields: list[int], rows: int) -> Iterator[pa.RecordBatch]:
        """The rows of all parts; columns that are not at `fields` of the schema are empty of type null."""
        stored = [place for place in fields if place < len(self._stored)]
        for place, part in enumerate(self._parts):
            for batch in self._rows_of(part, stored, rows):
                yield self._partitions.extended(batch, place)

    def _rows_of(self, part: ParquetFile, fields: list[int], rows: int) -> Iterator[pa.RecordBatch]:
        if part.schema.equals(self._stored):
            yield from part.batches(rows, fields)
            return
        names = {self._stored.field(place).name for place in fields}
        own = [place for place, name in enumerate(part.schema.names) if name in names]
        for batch in part.batches(rows, own):
            yield fitted(batch, self._stored, fields)

    def _warnings(self) -> Iterator[ReadingWarning]:
        for part in self._parts:
            for name in sorted(set(self._stored.names) - set(part.schema.names)):
                yield ReadingWarning("part_without_column", f"{part.name} has no column {name}.", name)


def _flat_fields(schema: pa.Schema) -> list[int]:
    """Places of the fields that may become columns: lists, maps and unions never do."""
    return [
        place for place, field in enumerate(schema) if not pa.types.is_nested(field.type) or _may_be_flat(field.type)
    ]


def _may_be_flat(dtype: pa.DataType) -> bool:
    return bool(pa.types.is_struct(dtype) or pa.types.is_fixed_size_list(dtype))


FORMAT = Format("Parquet", ("parquet", "parquet.zip"), ParquetReader, (b"PAR1", b"PK\x03\x04"), takes_folders=True)
