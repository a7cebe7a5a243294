"""Reads the beginning of a file as an import would, and describes what becomes of it. Runs in the child process."""

from __future__ import annotations

import shutil
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from google.protobuf.json_format import MessageToDict
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_views.default_view import default_view

from halftone_compute.ingest.format import TypesDifferError
from halftone_compute.ingest.sandbox.bounded import bounded
from halftone_compute.ingest.sandbox.cells import texts
from halftone_compute.ingest.sandbox.messages import Progress
from halftone_compute.ingest.sandbox.open import open_file
from halftone_compute.ingest.sandbox.picture import picture
from halftone_compute.ingest.source import bytes_of
from halftone_compute.ingest.write.version import VersionWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from halftone_views.columns import ColumnInfo

    from halftone_compute.ingest.format import Batch, Reader
    from halftone_compute.ingest.sandbox.messages import PreviewRequest
    from halftone_compute.store.manifest import ColumnEntry

ROWS_SHOWN = 50
# Where reading ends, whichever comes first.
_ROWS = 100_000
_CELLS = 10_000_000
_SECONDS = 2.0


@dataclass
class _Sample:
    """The rows that were read: the first of them as text, a list for each column."""

    rows: int = 0
    is_whole: bool = False
    shown: list[list[str | None]] = field(default_factory=list)


def preview(request: PreviewRequest, report: Callable[[Progress], None]) -> dict[str, object]:
    """The JSON that `docs/api.md` describes, at most 512 KiB. The folder of `request` is emptied.

    Raises HalftoneError with what is wrong with the file, and OSError.
    """
    report(Progress("reading", 0, None, 0, bytes_of(request.source)))
    try:
        return _previewed(request, whole=False)
    except TypesDifferError:
        _empty(request)
        return _previewed(request, whole=True)
    finally:
        _empty(request)


def _previewed(request: PreviewRequest, *, whole: bool) -> dict[str, object]:
    reader, budget = open_file(request, whole=whole)
    writer = VersionWriter(request.folder, reader.columns, budget)
    sample = _read(reader, writer)
    if sample.rows == 0:
        raise HalftoneError(ErrorCode.EMPTY_FILE)
    units = {column.name: column.unit for column in reader.reading.columns}
    unreadable = reader.unreadable
    entries = writer.finish(units, {name: cells.count for name, cells in unreadable.items()})
    return bounded(
        {
            "reading": reader.reading.as_json(),
            "columns": [MessageToDict(entry.info.to_proto()) for entry in entries],
            "unreadable": {name: asdict(cells) for name, cells in unreadable.items()},
            "rows": [list(row) for row in zip(*sample.shown, strict=True)],
            "sampled_rows": sample.rows,
            "rows_total": sample.rows if sample.is_whole else reader.rows_total,
            "whole": sample.is_whole,
            **_drawn(request, entries, sample.rows),
        }
    )


def _read(reader: Reader, writer: VersionWriter) -> _Sample:
    sample = _Sample(shown=[[] for _ in reader.columns])
    most = min(_ROWS, max(ROWS_SHOWN, _CELLS // max(1, len(reader.columns))))
    until = time.monotonic() + _SECONDS
    for batch in reader.batches():
        _take(batch, most - sample.rows, reader, writer, sample)
        if sample.rows >= most or time.monotonic() > until:
            sample.is_whole = sample.is_whole and reader.rows_total == sample.rows
            return sample
    sample.is_whole = True
    return sample


def _take(batch: Batch, most: int, reader: Reader, writer: VersionWriter, sample: _Sample) -> None:
    """Adds a batch, at most this many rows of it. `is_whole`: nothing of it was left out."""
    rows = min(batch.rows, most)
    arrays = [array.slice(0, rows) for array in batch.arrays]
    writer.add(arrays)
    for column, array, shown in zip(reader.columns, arrays, sample.shown, strict=True):
        shown += texts(array.slice(0, ROWS_SHOWN - len(shown)), column)
    sample.rows += rows
    sample.is_whole = rows == batch.rows


def _drawn(request: PreviewRequest, entries: Sequence[ColumnEntry], rows: int) -> dict[str, Any]:
    """The default view with its picture, or why there is none."""
    infos = [entry.info for entry in entries]
    view = default_view(infos, rows)
    if view is None:
        return {"default_view": None, "picture": None, "nothing_to_draw": _reason(infos)}
    by_name = {entry.info.name: entry for entry in entries}
    return {
        "default_view": asdict(view),
        "picture": picture(view, by_name, request.folder),
        "nothing_to_draw": "",
    }


def _reason(columns: Sequence[ColumnInfo]) -> str:
    """Why no column can be an axis."""
    placed = [column for column in columns if column.type in ("number", "time")]
    if not placed:
        return "There is nothing to draw: no column holds numbers or times."
    if all(column.min is None for column in placed):
        return "There is nothing to draw: the columns of numbers and times hold no finite value."
    return (
        "There is nothing to draw: the only columns of numbers hold whole numbers beyond 9,007,199,254,740,992, "
        "which a picture can not place exactly."
    )


def _empty(request: PreviewRequest) -> None:
    shutil.rmtree(request.folder)
    request.folder.mkdir()
