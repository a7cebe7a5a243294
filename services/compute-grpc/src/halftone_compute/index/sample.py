"""Draws the sample of a version and writes its files. Memory is bounded by the rows of the sample."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from halftone_compute.index.coordinates import CHUNK_ROWS, numbers
from halftone_compute.store.hashed_file import HashedFile
from halftone_compute.store.index.entry import number_dtype
from halftone_compute.store.index.sample_entry import SampleEntry
from halftone_compute.store.sample import numbers_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from halftone_compute.store.data_file import DataFile
    from halftone_compute.store.manifest import ColumnEntry, Manifest

    Report = Callable[[str, int, int], None]

PHASE = "drawing a sample"
_LAYOUTS = {"valid": "?"}


def seed_of(content_hash: str) -> int:
    """The seed for a version: the same file gives the same sample."""
    return int.from_bytes(hashlib.sha256(f"sample of {content_hash}".encode()).digest()[:16], "little")


def chosen_rows(rows: int, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(rows, order): int64 of shape (count,) each. Rows ascend, one at random of each of `count` even stretches of
    0 to `rows`; `order` is a random order of them. `count` is at most `rows`.
    """
    random = np.random.default_rng(seed)
    edges = np.arange(count + 1, dtype=np.int64) * rows // max(count, 1)
    starts, sizes = edges[:-1], np.diff(edges)
    # A product of a float can round up to the size itself.
    chosen = starts + np.minimum((random.random(count) * sizes).astype(np.int64), sizes - 1)
    return chosen, random.permutation(count)


class SampleBuild:
    """One sample of `count` rows of a written version in `folder`; `report` gets the phase, the files that are done,
    in rows, and all rows.
    """

    def __init__(self, folder: Path, manifest: Manifest, count: int, report: Report) -> None:
        self._folder = folder
        self._manifest = manifest
        self._report = report
        self._chosen, self._order = chosen_rows(manifest.rows, count, seed_of(manifest.content_hash))

    def run(self) -> SampleEntry:
        """Raises OSError."""
        columns = {}
        total = len(self._manifest.columns)
        for place, column in enumerate(self._manifest.columns):
            self._report(PHASE, self._manifest.rows * place // total, self._manifest.rows)
            if column.storage == "plain":
                columns[column.info.name] = self._column(place, column)
        return SampleEntry(len(self._order), self._numbers(), columns)

    def _column(self, place: int, column: ColumnEntry) -> dict[str, DataFile]:
        return {
            role: self._file(
                f"sample{place:04d}.{role}", self._picked(file, np.dtype(_LAYOUTS.get(role, column.layout)))
            )
            for role, file in column.files.items()
            if role in ("values", "valid")
        }

    def _numbers(self) -> DataFile:
        stored = numbers_of(self._manifest)
        found = self._chosen if stored is None else self._picked(*stored)
        return self._file("sample.numbers", found.astype(number_dtype(self._manifest.rows)))

    def _picked(self, file: DataFile, dtype: np.dtype[Any]) -> np.ndarray:
        """The numbers of the chosen rows, which ascend, out of a file of those of all rows."""
        found = np.empty(len(self._chosen), dtype)
        for start, stop, first, last in self._chunks():
            part = numbers(self._folder / file.file, dtype.str, start, stop - start)
            found[first:last] = part[self._chosen[first:last] - start]
        return found

    def _chunks(self) -> Iterator[tuple[int, int, int, int]]:
        """(first row, row after the last, first chosen one, chosen one after the last) of each chunk of rows."""
        starts = np.arange(0, self._manifest.rows, CHUNK_ROWS)
        edges = [*np.searchsorted(self._chosen, starts).tolist(), len(self._chosen)]
        for start, first, last in zip(starts.tolist(), edges, edges[1:], strict=False):
            yield start, min(start + CHUNK_ROWS, self._manifest.rows), first, last

    def _file(self, name: str, values: np.ndarray) -> DataFile:
        target = HashedFile(self._folder, name)
        target.write(values[self._order])
        return target.finish()
