"""Orders the rows of a written version by a pair of its columns, and makes its index.

Reads the files that the manifest names, in the order of the source file or of another index, and writes new ones
beside them. Memory is bounded by `most` rows for each thread; disk takes the version twice, and the columns of the pair
once more, until the old files are removed.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from halftone_compute.index.coordinates import Axis, chunks, has_place, numbers, placed
from halftone_compute.index.parts import Parts, extent_of, planned
from halftone_compute.index.shuffle import PLACE, Shuffle, part_dtype
from halftone_compute.index.sort import order_of
from halftone_compute.index.tiles import FileRows, TileFile
from halftone_compute.index.walk import Walk
from halftone_compute.index.window import Window
from halftone_compute.index.zones import zones_of
from halftone_compute.parallel import in_order
from halftone_compute.store.hashed_file import HashedFile, bytes_of, write_whole
from halftone_compute.store.index import LEAF_ROWS
from halftone_compute.store.index.entry import IndexEntry, number_dtype

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from halftone_compute.index.pair import Pair
    from halftone_compute.index.parts import Result, Scan
    from halftone_compute.store.data_file import DataFile
    from halftone_compute.store.manifest import ColumnEntry, Manifest

    Report = Callable[[str, int, int], None]
    Finish = Callable[[HashedFile], DataFile]
    # Numbers of that many rows from a row on.
    Source = Callable[[int, int], np.ndarray]


class IndexBuild:
    """One build. `most` is how many rows each of `threads` orders in memory at once; `report` gets the phase, the rows
    done, and all rows; `finish` describes a file that is written, and may sync it.
    """

    def __init__(
        self,
        folder: Path,
        manifest: Manifest,
        pair: Pair,
        most: int,
        report: Report,
        finish: Finish = HashedFile.finish,
        threads: int = 1,
    ) -> None:
        self._folder = folder
        self._manifest = manifest
        self._pair = pair
        self._most = most
        self._report = report
        self._finish = finish
        self._threads = threads
        self._columns = {column.info.name: column for column in manifest.columns}
        # Of columns that are scattered already: the scratch file of each file.
        self._scratch: dict[str, Path] = {}

    @property
    def rows(self) -> int:
        return self._manifest.rows

    def run(self) -> Manifest:
        """The manifest of the ordered version. Raises OSError."""
        shuffle = self._ordered()
        columns = tuple(
            self._moved(shuffle, place, column) if column.storage == "plain" else column
            for place, column in enumerate(self._manifest.columns)
        )
        files = {"numbers": self._numbers(shuffle)}
        ordered = {column.info.name: column for column in columns}
        rows = self.rows - shuffle.sizes[-1]
        tiles, starts = self._tiles(ordered[self._pair.x], ordered[self._pair.y], rows)
        zoned = tuple(column for column in columns if column.storage == "plain")
        files |= {**tiles, "zones": self._zones(zoned, starts)}
        pair = self._pair
        entry = IndexEntry(pair.x, pair.y, pair.offset, rows, tuple(column.info.name for column in zoned), files)
        return replace(self._manifest, columns=columns, index=entry)

    # The order

    def _ordered(self) -> Shuffle:
        x, y = (Axis(self._folder, self._columns[name]) for name in (self._pair.x, self._pair.y))
        self._report("finding cells", 0, self.rows)
        scan = self._scan(x, y)
        parts = planned(lambda work: scan(lambda xs, ys: work(*placed(xs, ys))), self._pair.offset, self._most)
        paths = self._folder / "index.parts", self._folder / "index.order"
        shuffle = Shuffle(*paths, self._write_parts(scan, parts, paths[0]), self._most, self._threads)
        self._write_order(shuffle)
        return shuffle

    def _scan(self, x: Axis, y: Axis, rows: int | None = None) -> Scan:
        """Passes over all rows, or the first `rows`. What is done of a pass is reported."""

        def scan(work: Callable[[np.ndarray, np.ndarray], Result]) -> Iterator[Result]:
            def of_chunk(chunk: tuple[int, int]) -> tuple[int, Result]:
                return sum(chunk), work(x.read(*chunk), y.read(*chunk))

            for done, found in in_order(of_chunk, chunks(self.rows if rows is None else rows), self._threads):
                yield found
                self._report("finding cells", done, self.rows)

        return scan

    def _write_parts(self, scan: Scan, parts: Parts, path: Path) -> tuple[int, ...]:
        """Writes the part of each row; the rows of each part, and behind them those of rows without a place."""
        count = parts.count + 1
        dtype = part_dtype(count)

        def found_in(xs: np.ndarray, ys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            inside = has_place(xs, ys)
            found = np.full(len(xs), parts.count, dtype)
            found[inside] = parts.of(xs[inside], ys[inside])
            return found, np.bincount(found, minlength=count)

        sizes = np.zeros(count, np.int64)
        with path.open("wb", buffering=0) as file:
            for found, counts in scan(found_in):
                sizes += counts
                write_whole(file.fileno(), bytes_of(found))
        return tuple(sizes.tolist())

    def _write_order(self, shuffle: Shuffle) -> None:
        x, y = (self._by_part(shuffle, axis, name) for axis, name in ((self._pair.x, "x"), (self._pair.y, "y")))

        def ordered(stretch: tuple[int, int, bool]) -> np.ndarray:
            first, size, is_ordered = stretch
            if not is_ordered:
                return np.zeros(size, PLACE)
            order = order_of(x.read(first, size), y.read(first, size), self._pair.offset)
            return order.astype(PLACE, copy=False)

        done = 0
        with shuffle.order.open("wb", buffering=0) as file:
            for order in in_order(ordered, shuffle.stretches(), self._threads):
                write_whole(file.fileno(), bytes_of(order))
                done += len(order)
                self._report("sorting rows", done, self.rows)

    def _by_part(self, shuffle: Shuffle, column: str, name: str) -> Axis:
        """An axis whose rows of a part lie together. Its scratch files are kept for its turn to be moved."""
        entry = self._columns[column]
        files = dict(entry.files)
        for role, layout in _plain_files(entry):
            file = files[role]
            if not shuffle.is_one_part:
                if file.file not in self._scratch:
                    self._scratch[file.file] = self._scattered(
                        shuffle, partial(numbers, self._folder / file.file, layout), np.dtype(layout), f"{name}.{role}"
                    )
                files[role] = replace(file, file=self._scratch[file.file].name)
        return Axis(self._folder, replace(entry, files=files))

    def _scattered(self, shuffle: Shuffle, source: Source, dtype: np.dtype, name: str) -> Path:
        path = self._folder / f"index.{name}"
        shuffle.scattered(source, dtype, path)
        return path

    # Files in that order

    def _moved(self, shuffle: Shuffle, place: int, column: ColumnEntry) -> ColumnEntry:
        files = dict(column.files)
        for role, layout in _plain_files(column):
            old = self._folder / files[role].file
            files[role] = self._file(shuffle, f"s{place:04d}.{role}", layout, partial(numbers, old, layout), old)
        return replace(column, files=files)

    def _file(self, shuffle: Shuffle, name: str, layout: str, source: Source, whole: Path | None = None) -> DataFile:
        """A file of the numbers of `source`, in order; `whole` is a file of all of them, if there is one."""
        dtype = np.dtype(layout)
        is_scattered = whole is None or not shuffle.is_one_part
        scratch = whole if whole is not None and not is_scattered else self._taken_scratch(whole)
        if scratch is None:
            scratch = self._scattered(shuffle, source, dtype, "moved")
        target = HashedFile(self._folder, name)
        done = 0

        def on_rows(count: int) -> None:
            nonlocal done
            done += count
            self._report("moving rows", done, self.rows)

        shuffle.moved(scratch, dtype, target, on_rows)
        if is_scattered:
            scratch.unlink()
        return self._finish(target)

    def _taken_scratch(self, whole: Path | None) -> Path | None:
        """The scratch file of a file whose rows lie together by part already, if it has one."""
        return None if whole is None else self._scratch.pop(whole.name, None)

    def _numbers(self, shuffle: Shuffle) -> DataFile:
        """The number that each row has in the file of the user: its place, unless rows have been ordered before."""
        dtype = number_dtype(self.rows)
        if self._manifest.index is None:
            return self._file(
                shuffle, "index.numbers", dtype.str, lambda start, count: np.arange(start, start + count, dtype=dtype)
            )
        before = self._folder / self._manifest.index.files["numbers"].file
        return self._file(shuffle, "index.numbers", dtype.str, partial(numbers, before, dtype.str), before)

    # What is made of them

    def _tiles(self, x: ColumnEntry, y: ColumnEntry, rows: int) -> tuple[dict[str, DataFile], np.ndarray]:
        """Files of leaves and tiles, and the first row of each leaf, with the number of rows at the end."""
        axes = Axis(self._folder, x), Axis(self._folder, y)
        target = HashedFile(self._folder, "index.tiles")
        sink = TileFile(target, lambda done: self._report("making tiles", done, self.rows))
        bounds = extent_of(self._scan(*axes, rows))
        if bounds is not None:
            with FileRows(*axes, self.rows) as found:
                Walk(found, self._pair.offset, sink).run(Window.of(bounds, self._pair.offset), rows)
        tail = range(min(self.rows, rows + LEAF_ROWS), self.rows + LEAF_ROWS, LEAF_ROWS) if rows < self.rows else ()
        starts = np.array([*sink.starts, *(min(stop, self.rows) for stop in tail)], np.int64)
        files = {
            "tiles": self._finish(target),
            "directory": self._array("index.directory", sink.directory()),
            "starts": self._array("index.starts", starts.astype("<u8")),
        }
        return files, starts

    def _zones(self, columns: tuple[ColumnEntry, ...], starts: np.ndarray) -> DataFile:
        zones: list[np.ndarray] = []
        for found in in_order(lambda column: zones_of(self._folder, column, starts), columns, self._threads):
            self._report("noting leaves", len(zones) * self.rows // len(columns), self.rows)
            zones.append(found)
        return self._array("index.zones", np.stack(zones).astype("<f8"))

    def _array(self, name: str, values: np.ndarray) -> DataFile:
        target = HashedFile(self._folder, name)
        target.write(values)
        return self._finish(target)


def _plain_files(column: ColumnEntry) -> list[tuple[str, str]]:
    """(role, layout) of the files of a plain column with a number for each row."""
    return [(role, layout) for role, layout in (("values", column.layout), ("valid", "?")) if role in column.files]
