"""Arrow: the file and the stream format of its IPC, Feather version 2 included."""

from __future__ import annotations

import itertools
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyarrow as pa
from halftone_servicekit.errors import ErrorCode, HalftoneError
from typing_extensions import TypeIs

from halftone_compute.ingest.format import Batch, Format
from halftone_compute.ingest.limits import batch_rows
from halftone_compute.ingest.typed.table import TypedTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from halftone_compute.ingest.columns import SourceColumn
    from halftone_compute.ingest.limits import Budget
    from halftone_compute.ingest.reading import Reading, Unreadable, Wishes
    from halftone_compute.store.manifest import Skipped

_FILE, _STREAM, _FEATHER_1 = b"ARROW1", b"\xff\xff\xff\xff", b"FEA1"
# Judged without `whole`.
_LOOKED_ROWS = 4_096


class ArrowReader:
    """A file or a stream of record batches, plain or packed by LZ4 or Zstandard.

    Raises HalftoneError `empty_file`, `type_mismatch`, `too_many_columns`, `too_large_uncompressed`,
    `unsupported_type`, `bad_column_name` or `param_invalid`; without `whole`, `batches` also raises TypesDifferError.
    """

    rows_total: int | None = None

    def __init__(self, path: Path, budget: Budget, wishes: Wishes, *, whole: bool = False) -> None:
        self._path = path
        self._budget = budget
        self._bytes = path.stat().st_size
        self._is_file = _is_file(path, self._bytes)
        with _damaged(), pa.OSFile(str(path), "rb") as file:
            self._schema = self._opened(file).schema
        batches = (batch for batch, _ in self._raw())
        looked = batches if whole else (batch.slice(0, _LOOKED_ROWS) for batch in itertools.islice(batches, 1))
        self._table = TypedTable("arrow", self._schema, wishes, list(looked))

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

    def batches(self) -> Iterator[Batch]:
        rows = batch_rows(len(self.columns))
        for batch, read in self._raw():
            for start in range(0, batch.num_rows, rows):
                part = batch.slice(start, rows)
                yield Batch(part.num_rows, self._table.arrays(part), read)

    def _opened(self, file: pa.OSFile) -> pa.RecordBatchFileReader | pa.RecordBatchStreamReader:
        return pa.ipc.open_file(file) if self._is_file else pa.ipc.open_stream(file)

    def _raw(self) -> Iterator[tuple[pa.RecordBatch, int]]:
        """The batches that hold rows, and the bytes of the file read so far. Offsets and codes are checked: they come
        from the file.
        """
        unpacked = 0
        with _damaged(), pa.OSFile(str(self._path), "rb") as file:
            reader = self._opened(file)
            for place, batch in enumerate(_batches(reader), 1):
                unpacked += batch.nbytes
                self._budget.check(unpacked)
                batch.validate(full=True)
                if batch.num_rows:
                    yield batch, file.tell() if _is_stream(reader) else self._bytes * place // reader.num_record_batches


def _batches(reader: pa.RecordBatchFileReader | pa.RecordBatchStreamReader) -> Iterator[pa.RecordBatch]:
    if _is_stream(reader):
        yield from reader
    else:
        yield from map(reader.get_batch, range(reader.num_record_batches))


def _is_stream(
    reader: pa.RecordBatchFileReader | pa.RecordBatchStreamReader,
) -> TypeIs[pa.RecordBatchStreamReader]:
    return isinstance(reader, pa.RecordBatchStreamReader)


@contextmanager
def _damaged() -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, UnicodeDecodeError) as error:
        if isinstance(error, MemoryError):
            raise
        raise HalftoneError(ErrorCode.TYPE_MISMATCH, "The Arrow file is damaged, or ends early.") from error
    except OSError as error:
        # pyarrow reports damaged bytes as an OSError without errno; an error of the system has one.
        if error.errno is not None:
            raise
        raise HalftoneError(ErrorCode.TYPE_MISMATCH, "The Arrow file is damaged, or ends early.") from error


def _is_file(path: Path, size: int) -> bool:
    """Whether it is of the file format; else it is a stream. Raises HalftoneError `empty_file` or `type_mismatch`."""
    if size == 0:
        raise HalftoneError(ErrorCode.EMPTY_FILE)
    with path.open("rb") as file:
        start = file.read(len(_FILE))
    if start.startswith(_FEATHER_1):
        raise HalftoneError(ErrorCode.TYPE_MISMATCH, "This is Feather version 1; write it again as version 2.")
    if not start.startswith((_FILE, _STREAM)):
        raise HalftoneError(ErrorCode.TYPE_MISMATCH, "This is not an Arrow file.")
    return start == _FILE


FORMAT = Format("Arrow", ("arrow", "feather", "ipc"), ArrowReader, (_FILE, _STREAM, _FEATHER_1))
