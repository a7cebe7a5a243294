"""Converts one uploaded file to the files of one version. Runs in the child process."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.index.pair import PairWish
from halftone_compute.index.pair import content_hash as content_hash_of
from halftone_compute.ingest.format import TypesDifferError
from halftone_compute.ingest.sandbox.messages import Progress
from halftone_compute.ingest.sandbox.open import open_file
from halftone_compute.ingest.source import bytes_of, files_of
from halftone_compute.ingest.write.version import VersionWriter
from halftone_compute.store.manifest import FILE_NAME, Manifest, dump

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from halftone_compute.ingest.format import Reader
    from halftone_compute.ingest.reading import Reading
    from halftone_compute.ingest.sandbox.messages import ConvertRequest

_REPORT_SECONDS = 0.2
_CHUNK = 1 << 20


def convert(request: ConvertRequest, report: Callable[[Progress], None]) -> Manifest:
    """Writes column files and the manifest into the empty folder of `request`.

    Raises HalftoneError with what is wrong with the file, and OSError.
    """
    with ThreadPoolExecutor(1) as pool:
        content_hash = pool.submit(_sha256, request.source)
        try:
            manifest = _converted(request, report, content_hash.result, whole=False)
        except TypesDifferError:
            shutil.rmtree(request.folder)
            request.folder.mkdir()
            manifest = _converted(request, report, content_hash.result, whole=True)
    _write(request.folder / FILE_NAME, dump(manifest))
    return manifest


def _converted(
    request: ConvertRequest, report: Callable[[Progress], None], content_hash: Callable[[], str], *, whole: bool
) -> Manifest:
    size = bytes_of(request.source)
    report(Progress("reading", 0, None, 0, size))
    reader, budget = open_file(request, whole=whole)
    writer = VersionWriter(request.folder, reader.columns, budget)
    rows = _copy(reader, writer, size, report)
    if rows == 0:
        raise HalftoneError(ErrorCode.EMPTY_FILE)
    report(Progress("ranking categories", rows, rows, size, size))
    units = {column.name: column.unit for column in reader.reading.columns}
    unreadable = reader.unreadable
    columns = writer.finish(units, {name: cells.count for name, cells in unreadable.items()})
    report(Progress("checksums", rows, rows, size, size))
    manifest = Manifest(
        request.dataset_id,
        request.version_id,
        rows,
        identity(content_hash(), reader.reading),
        columns,
        reader.skipped,
        reader.reading.as_json(),
        {name: asdict(cells) for name, cells in unreadable.items()},
    )
    return replace(manifest, content_hash=content_hash_of(manifest, PairWish.from_json(request.pair)))


def _copy(reader: Reader, writer: VersionWriter, size: int, report: Callable[[Progress], None]) -> int:
    rows = 0
    reported = time.monotonic()
    for batch in reader.batches():
        writer.add(batch.arrays)
        rows += batch.rows
        if time.monotonic() - reported >= _REPORT_SECONDS:
            reported = time.monotonic()
            report(Progress("reading", rows, reader.rows_total, batch.bytes_read, size))
    return rows


def identity(content_hash: str, reading: Reading) -> str:
    """The hash of a file and of how it is read: the same file read in another way is another version."""
    body = reading.as_json()
    del body["warnings"]
    return hashlib.sha256(f"{content_hash} {json.dumps(body, sort_keys=True)}".encode()).hexdigest()


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    for place in files_of(path):
        # Of several files the names count too: they are their order, and may hold columns.
        digest.update(place.relative_to(path).as_posix().encode() if place != path else b"")
        with place.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    return digest.hexdigest()


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
