"""The sample of a version: rows that stand for all of them, in a random order of their own.

Rows are chosen evenly in the order of the version, one at random of each stretch, so that each part of the data has its
share of them. Their order is random, so that the first of them are a sample too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from halftone_compute.store.index.entry import number_dtype

if TYPE_CHECKING:
    from typing import Any

    import numpy as np

    from halftone_compute.store.data_file import DataFile
    from halftone_compute.store.index.sample_entry import SampleEntry
    from halftone_compute.store.manifest import Manifest

# Read in a few milliseconds, and every cell of a hundredth of the rows still holds some.
SAMPLE_ROWS: Final = 1 << 20
# Versions of at most that many rows have no sample: all rows of them are read as fast as a person notices.
LEAST_ROWS: Final = 1 << 22


def sampled(manifest: Manifest, entry: SampleEntry) -> Manifest:
    """The sample as a version of its own, with an id of its own: engines keep rows by it."""
    columns = tuple(
        replace(column, files=entry.columns[column.info.name])
        for column in manifest.columns
        if column.info.name in entry.columns
    )
    return replace(
        manifest,
        version_id=f"{manifest.version_id}-sample",
        rows=entry.rows,
        columns=columns,
        index=None,
        sample=None,
    )


def numbers_of(manifest: Manifest) -> tuple[DataFile, np.dtype[Any]] | None:
    """The file with the number that each row of a version has in the source, and its type; None: rows lie in order."""
    return None if manifest.index is None else (manifest.index.files["numbers"], number_dtype(manifest.rows))


def numbers_of_sample(manifest: Manifest, entry: SampleEntry) -> tuple[DataFile, np.dtype[Any]]:
    """The same of the sample of a version."""
    return entry.numbers, number_dtype(manifest.rows)
