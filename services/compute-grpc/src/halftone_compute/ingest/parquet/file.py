"""One Parquet file: its footer, checked, and its rows, row group by row group."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.ingest.columns import is_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from halftone_compute.ingest.columns import Cells

_MAGIC = b"PAR1"
_READ_BYTES = 1 << 20


class ParquetFile:
    """A Parquet file. `name` is how a person knows it, `schema` that of its top-level fields.

    Raises HalftoneError `empty_file` (no bytes), `type_mismatch`, `corrupt_parquet` or `unsupported_type`.
    """

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        self._path = path
        self.bytes = path.stat().st_size
        _check_magic(path, self.bytes)
        with _corrupt():
            self._metadata = pq.read_metadata(path)
            self.schema: pa.Schema = self._metadata.schema.to_arrow_schema()
            self._names = list(self.schema.names)
        self.rows = _checked_rows(self._metadata)

    @property
    def leaves(self) -> int:
        """Columns, those in structs and lists included."""
        return int(self._metadata.num_columns)

    @property
    def unpacked_bytes(self) -> int:
        """Bytes of all values as the footer says. Raises HalftoneError `corrupt_parquet`."""
        sizes = [self._metadata.row_group(place).total_byte_size for place in range(self._metadata.num_row_groups)]
        if any(size < 0 for size in sizes):
            raise HalftoneError(ErrorCode.CORRUPT_PARQUET, "The sizes in the footer contradict each other.")
        return sum(sizes)

    def batches(self, rows: int, fields: Sequence[int]) -> Iterator[pa.RecordBatch]:
        """All rows in order, at most `rows` at once; columns that are not at `fields` are empty of type null."""
        names = self._names_to_read(fields)
        read = 0
        with _corrupt(), self._open(fields) as file:
            for batch in file.iter_batches(batch_size=rows, columns=names):
                read += batch.num_rows
                arrays = dict(enumerate(batch.columns) if names is None else zip(fields, batch.columns, strict=True))
                yield self._filled(batch.num_rows, {place: arrays[place] for place in fields})
        if read != self.rows:
            raise HalftoneError(
                ErrorCode.CORRUPT_PARQUET, "The file holds another number of rows than its footer says."
            )

    def _filled(self, rows: int, arrays: dict[int, Cells]) -> pa.RecordBatch:
        nothing = pa.nulls(rows)
        columns = [_checked_codes(arrays[place]) if place in arrays else nothing for place in range(len(self._names))]
        return pa.RecordBatch.from_arrays(columns, self._names)

    def _open(self, fields: Sequence[int]) -> pq.ParquetFile:
        # Without pre-buffering, memory grows with the batch and not with the row group.
        return pq.ParquetFile(
            self._path,
            read_dictionary=self._dictionary_columns(fields),
            pre_buffer=False,
            buffer_size=_READ_BYTES,
            coerce_int96_timestamp_unit="us",
        )

    def _names_to_read(self, fields: Sequence[int]) -> list[str] | None:
        """None: all. A name that repeats or looks like the path of a nested column does not identify a column."""
        if len(set(self._names)) != len(self._names) or any("." in name for name in self._names):
            return None
        return [self._names[place] for place in fields]

    def _dictionary_columns(self, fields: Sequence[int]) -> list[str]:
        """Text columns of which every page is dictionary encoded: reading their codes takes a third of the time.

        Plain text takes at least four bytes a value (its length), so fewer bytes show that no page fell back to it.
        """
        leaves = {self._metadata.schema.column(leaf).path: leaf for leaf in range(self._metadata.num_columns)}
        names = [self._names[place] for place in fields if is_text(self.schema.field(place).type)]
        return [name for name in names if name in leaves and self._is_dictionary(leaves[name])]

    def _is_dictionary(self, leaf: int) -> bool:
        groups = range(self._metadata.num_row_groups)
        chunks = (self._metadata.row_group(place).column(leaf) for place in groups)
        return all(
            chunk.has_dictionary_page and chunk.total_uncompressed_size < 4 * chunk.num_values for chunk in chunks
        )


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
    return int(metadata.num_rows)
