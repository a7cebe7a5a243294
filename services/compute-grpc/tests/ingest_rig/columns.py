"""Columns written to a folder, and what lies there then."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
from halftone_compute.ingest.columns import source_column
from halftone_compute.ingest.limits import Budget
from halftone_compute.ingest.write.version import VersionWriter

if TYPE_CHECKING:
    from pathlib import Path

    from halftone_compute.ingest.columns import Cells
    from halftone_compute.store.manifest import ColumnEntry


def written(folder: Path, *batches: Cells) -> ColumnEntry:
    """One column of the given Arrow arrays, all of one type."""
    column = source_column("a", batches[0].type)
    assert column is not None
    folder.mkdir(exist_ok=True)
    writer = VersionWriter(folder, [column], Budget(1 << 30, 1 << 40))
    for batch in batches:
        writer.add([batch])
    [entry] = writer.finish()
    return entry


def values(folder: Path, entry: ColumnEntry) -> np.ndarray:
    return np.fromfile(folder / entry.files["values"].file, entry.layout)


def labels(folder: Path, entry: ColumnEntry) -> list[list[Any]]:
    made: list[list[Any]] = json.loads((folder / entry.files["labels"].file).read_text())
    return made
