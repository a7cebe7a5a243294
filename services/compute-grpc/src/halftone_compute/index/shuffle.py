"""Moves the rows of column files into another order, with memory for a part of them: first to their part, then within.

Each column is written twice: to a scratch file, where the rows of a part lie together, and from there to its place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from halftone_compute.index import kernels
from halftone_compute.index.coordinates import CHUNK_ROWS, numbers
from halftone_compute.parallel import in_order
from halftone_compute.store.hashed_file import bytes_of, write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from halftone_compute.store.hashed_file import HashedFile

PLACE = np.dtype("<u4")
_MOST_NARROW = 1 << 16
# Chunks that are divided at once: the rows of each part of them are one write, which shall not be too small.
_CHUNKS = 2


@dataclass(frozen=True, slots=True)
class Shuffle:
    """`parts` is a file with the part of each row (`part_dtype`), `order` one with the place in the old order, within
    its part, of each row in the new one (PLACE); `sizes` are the rows of each part. Parts of more than `most` rows, and
    the last, keep their order: `order` has nothing for these. `threads` work at once, each on a part of its own.
    """

    parts: Path
    order: Path
    sizes: tuple[int, ...]
    most: int
    threads: int = 1

    @property
    def part_dtype(self) -> np.dtype[np.unsignedinteger]:
        return part_dtype(len(self.sizes))

    @property
    def rows(self) -> int:
        return sum(self.sizes)

    @property
    def is_one_part(self) -> bool:
        """Whether all rows are one part, so that there is nothing to scatter."""
        return len(self.sizes) == 2 and self.sizes[1] == 0

    def scattered(self, source: Callable[[int, int], np.ndarray], dtype: np.dtype, scratch: Path) -> None:
        """Writes to `scratch` the numbers that `source(start, count)` gives, those of a part together."""
        width = dtype.itemsize
        cursors = (np.cumsum(self.sizes) - self.sizes) * width

        def divided(start: int) -> tuple[np.ndarray, np.ndarray]:
            """The numbers of some chunks by part, and how many of each part."""
            parts = numbers(self.parts, self.part_dtype.str, start, min(_CHUNKS * CHUNK_ROWS, self.rows - start))
            counts = np.bincount(parts, minlength=len(self.sizes))
            values = source(start, len(parts))
            grouped = np.empty_like(values)
            kernels.group(_plain(values), parts, np.cumsum(counts) - counts, _plain(grouped))
            return grouped, counts

        with scratch.open("wb", buffering=0) as file:
            file.truncate(self.rows * width)
            for grouped, counts in in_order(divided, range(0, self.rows, _CHUNKS * CHUNK_ROWS), self.threads):
                stop = 0
                for part in np.flatnonzero(counts):
                    begin, stop = stop, stop + int(counts[part])
                    write_whole(file.fileno(), bytes_of(grouped[begin:stop]), int(cursors[part]))
                    cursors[part] += counts[part] * width

    def stretches(self) -> Iterator[tuple[int, int, bool]]:
        """(first row, rows, whether it is ordered) of each part, those that keep their order cut into chunks."""
        first = 0
        for part, size in enumerate(self.sizes):
            if self.is_ordered(part):
                yield first, size, True
            else:
                for start in range(first, first + size, CHUNK_ROWS):
                    yield start, min(CHUNK_ROWS, first + size - start), False
            first += size

    def is_ordered(self, part: int) -> bool:
        return self.sizes[part] <= self.most and part != len(self.sizes) - 1

    def moved(self, scratch: Path, dtype: np.dtype, target: HashedFile, on_rows: Callable[[int], None]) -> None:
        """Writes what was `scattered` to its place; `on_rows` gets how many rows more are there."""

        def ordered(stretch: tuple[int, int, bool]) -> np.ndarray:
            first, size, is_ordered = stretch
            values = numbers(scratch, dtype.str, first, size)
            if not is_ordered:
                return values
            taken = np.empty_like(values)
            kernels.take(_plain(values), numbers(self.order, PLACE.str, first, size), _plain(taken))
            return taken

        for values in in_order(ordered, self.stretches(), self.threads):
            target.write(values)
            on_rows(len(values))


def part_dtype(count: int) -> np.dtype[np.unsignedinteger]:
    """The type of the numbers of that many parts."""
    return np.dtype("<u2") if count <= _MOST_NARROW else np.dtype("<u4")


def _plain(values: np.ndarray) -> np.ndarray:
    """The same bytes as whole numbers, so that one compiled loop serves every type of their width."""
    return values.view(f"u{values.dtype.itemsize}")
