"""One file in, the files of one version out: what the child process does."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.ingest.formats.csv import CsvSource, TypesDifferError
from halftone_compute.ingest.formats.parquet import ParquetSource
from halftone_compute.ingest.limits import Budget
from halftone_compute.ingest.write.version import VersionWriter
from halftone_compute.store.manifest import FILE_NAME, Manifest, dump

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from halftone_compute.ingest.format import Source

_REPORT_SECONDS = 0.2
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Order:
    """What to read, and where the version goes. `format` is `parquet` or `csv`."""

    source: Path
    format: str
    folder: Path
    dataset_id: str
    version_id: str
    max_bytes: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a file was read; `rows_total` is None when only reading tells."""

    phase: str
    rows: int
    rows_total: int | None
    bytes: int
    bytes_total: int

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def convert(order: Order, report: Callable[[Progress], None]) -> Manifest:
    """Writes column files and the manifest into the empty folder of `order`.

    Raises HalftoneError with what is wrong with the file, and OSError.
    """
    with ThreadPoolExecutor(1) as pool:
        content_hash = pool.submit(_sha256, order.source)
        try:
            manifest = _converted(order, report, content_hash.result, whole=False)
        except TypesDifferError:
            shutil.rmtree(order.folder)
            order.folder.mkdir()
            manifest = _converted(order, report, content_hash.result, whole=True)
    _write(order.folder / FILE_NAME, dump(manifest))
    return manifest


def _converted(
    order: Order, report: Callable[[Progress], None], content_hash: Callable[[], str], *, whole: bool
) -> Manifest:
    size = order.source.stat().st_size
    budget = Budget(size, order.max_bytes)
    report(Progress("reading", 0, None, 0, size))
    source = _opened(order, budget, whole=whole)
    writer = VersionWriter(order.folder, source.columns, budget)
    rows = _copy(source, writer, size, report)
    if rows == 0:
        raise HalftoneError(ErrorCode.EMPTY_FILE)
    report(Progress("ranking categories", rows, rows, size, size))
    columns = writer.finish()
    report(Progress("checksums", rows, rows, size, size))
    return Manifest(order.dataset_id, order.version_id, rows, content_hash(), columns, source.skipped)


def _opened(order: Order, budget: Budget, *, whole: bool) -> Source:
    if order.format == "parquet":
        return ParquetSource(order.source, budget)
    if order.format == "csv":
        return CsvSource(order.source, budget, whole=whole)
    raise HalftoneError(ErrorCode.UNSUPPORTED_TYPE, "Only Parquet and CSV files are read.")


def _copy(source: Source, writer: VersionWriter, size: int, report: Callable[[Progress], None]) -> int:
    rows = 0
    reported = time.monotonic()
    for batch in source.batches():
        writer.add(batch.arrays)
        rows += batch.rows
        if time.monotonic() - reported >= _REPORT_SECONDS:
            reported = time.monotonic()
            report(Progress("reading", rows, source.rows_total, batch.bytes_read, size))
    return rows


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
