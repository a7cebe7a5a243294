"""Parquet: the footer first, then row group by row group."""

from __future__ import annotations

from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.ingest.columns import SourceColumn, column_names, is_text, plain_reading, source_column
from halftone_compute.ingest.format import Batch, Format
from halftone_compute.ingest.limits import batch_rows, check_columns
from halftone_compute.store.manifest import Skipped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from halftone_compute.ingest.columns import Cells
    from halftone_compute.ingest.limits import Budget
    from halftone_compute.ingest.reading import Unreadable, Wishes

_MAGIC = b"PAR1"
_READ_BYTES = 1 << 20


class ParquetReader:
    """A Parquet file. Columns of types that cannot be stored are left out and named in `skipped`.

    Raises HalftoneError `empty_file`, `type_mismatch`, `corrupt_parquet`, `too_many_columns`,
    `too_large_uncompressed`, `unsupported_type` (no column is left) or `bad_column_name`.
    """

    unreadable: Mapping[str, Unreadable] = MappingProxyType({})

    def __init__(self, path: Path, budget: Budget, wishes: Wishes, *, whole: bool = False) -> None:
        del wishes, whole  # The footer names the types.
        self._path = path
        self._bytes = path.stat().st_size
        _check_magic(path, self._bytes)
        with _corrupt():
            metadata = pq.read_metadata(path)
            schema = metadata.schema.to_arrow_schema()
            self._names = list(schema.names)
        check_columns(metadata.num_columns)
        self._rows = _checked_rows(metadata)
        self._places, self.columns, self.skipped = _chosen(schema)
        _check_size(metadata, self.columns, self._rows, budget)
        self._dictionaries = _dictionary_columns(metadata, schema, self._places)
        self.reading = plain_reading("parquet", self.columns)

    @property
    def rows_total(self) -> int:
        return self._rows

    def batches(self) -> Iterator[Batch]:
        names = self._names_to_read()
        places = range(len(self._places)) if names else self._places
        rows = 0
        with _corrupt(), self._open() as file:
            for batch in file.iter_batches(batch_size=batch_rows(len(places)), columns=names):
                rows += batch.num_rows
                arrays = [_checked_codes(batch.column(place)) for place in places]
                yield Batch(batch.num_rows, arrays, self._bytes * rows // self._rows)
        if rows != self._rows:
            raise HalftoneError(
                ErrorCode.CORRUPT_PARQUET, "The file holds another number of rows than its footer says."
            )

    def _open(self) -> pq.ParquetFile:
        # Without pre-buffering, memory grows with the batch and not with the row group.
        return pq.ParquetFile(
            self._path,
            read_dictionary=self._dictionaries,
            pre_buffer=False,
            buffer_size=_READ_BYTES,
            coerce_int96_timestamp_unit="us",
        )

    def _names_to_read(self) -> list[str] | None:
        """None: all. A name that repeats or looks like the path of a nested column does not identify a column."""
        if len(set(self._names)) != len(self._names) or any("." in name for name in self._names):
            return None
        return [self._names[place] for place in self._places]


@contextmanager
def _corrupt() -> Iterator[None]:
    try:
        yield
    except pa.ArrowNotImplementedError as error:
        raise HalftoneError(ErrorCode.UNSUPPORTED_TYPE, "The file uses an unsupported Parquet feature.") from error
    except (pa.ArrowException, UnicodeDecodeError) as error:
        if isinstance(error, MemoryError):
            raise
        raise HalftoneError(ErrorCode.CORRUPT_PARQUET) from error
    except OSError as error:
        # pyarrow reports damaged bytes as an OSError without errno; an error of the system has one.
        if error.errno is not None:
            raise
        raise HalftoneError(ErrorCode.CORRUPT_PARQUET) from error


def _checked_codes(array: Cells) -> Cells:
    """Checks the codes of a dictionary: pyarrow takes them from the file unchecked."""
    if pa.types.is_dictionary(array.type):
        codes = array.indices.drop_null().to_numpy()
        if len(codes) and not 0 <= codes.min() <= codes.max() < len(array.dictionary):
            raise HalftoneError(ErrorCode.CORRUPT_PARQUET)
    return array


def _check_magic(path: Path, size: int) -> None:
    if size == 0:
        raise HalftoneError(ErrorCode.EMPTY_FILE)
    with path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            raise HalftoneError(ErrorCode.TYPE_MISMATCH, "This is not a Parquet file.")


def _checked_rows(metadata: pq.FileMetaData) -> int:
    groups = [metadata.row_group(place).num_rows for place in range(metadata.num_row_groups)]
    if any(rows < 0 for rows in groups) or sum(groups) != metadata.num_rows:
        raise HalftoneError(ErrorCode.CORRUPT_PARQUET, "The row counts in the footer contradict each other.")
    if metadata.num_rows == 0:
        raise HalftoneError(ErrorCode.EMPTY_FILE)
    return int(metadata.num_rows)


def _chosen(schema: pa.Schema) -> tuple[list[int], tuple[SourceColumn, ...], tuple[Skipped, ...]]:
    """Places in the schema of the columns to import, these columns, and the columns that are left out."""
    places, columns, skipped = [], [], []
    for place, name in enumerate(column_names(schema.names)):
        dtype = schema.field(place).type
        column = source_column(name, dtype)
        if column is None:
            skipped.append(Skipped(name, str(dtype)[:200], ErrorCode.UNSUPPORTED_TYPE.value))
        else:
            places.append(place)
            columns.append(column)
    if not columns:
        raise HalftoneError(ErrorCode.UNSUPPORTED_TYPE, "No column of the file has a supported type.")
    return places, tuple(columns), tuple(skipped)


def _check_size(metadata: pq.FileMetaData, columns: tuple[SourceColumn, ...], rows: int, budget: Budget) -> None:
    unpacked = [metadata.row_group(place).total_byte_size for place in range(metadata.num_row_groups)]
    if any(size < 0 for size in unpacked):
        raise HalftoneError(ErrorCode.CORRUPT_PARQUET, "The sizes in the footer contradict each other.")
    budget.check(sum(unpacked))
    budget.check(rows * sum(np.dtype(column.layout).itemsize for column in columns))


def _dictionary_columns(metadata: pq.FileMetaData, schema: pa.Schema, places: list[int]) -> list[str]:
    """Text columns of which every page is dictionary encoded: reading their codes takes a third of the time.

    Plain text takes at least four bytes a value (its length), so fewer bytes show that no page fell back to it.
    """
    leaves = {metadata.schema.column(leaf).path: leaf for leaf in range(metadata.num_columns)}
    names = [schema.field(place).name for place in places if is_text(schema.field(place).type)]
    return [name for name in names if name in leaves and _is_dictionary(metadata, leaves[name])]


def _is_dictionary(metadata: pq.FileMetaData, leaf: int) -> bool:
    chunks = (metadata.row_group(place).column(leaf) for place in range(metadata.num_row_groups))
    return all(chunk.has_dictionary_page and chunk.total_uncompressed_size < 4 * chunk.num_values for chunk in chunks)


FORMAT = Format("Parquet", ("parquet",), ParquetReader)
