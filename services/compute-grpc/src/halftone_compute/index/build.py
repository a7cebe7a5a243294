"""Orders the rows of a written version by a pair of its columns, and makes its index.

Reads the files that the manifest names, in the order of the source file, and writes new ones beside them. Memory is
bounded by `most` rows at a time; disk takes the version twice, and one column more, until the old files are removed.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from halftone_compute.index.coordinates import Axis, chunks, has_place, numbers, placed
from halftone_compute.index.parts import extent_of, planned
from halftone_compute.index.shuffle import PLACE, Shuffle, part_dtype
from halftone_compute.index.sort import order_of
from halftone_compute.index.tiles import FileRows, TileFile
from halftone_compute.index.walk import Walk
from halftone_compute.index.window import Window
from halftone_compute.index.zones import zones_of
from halftone_compute.store.hashed_file import HashedFile, bytes_of, write_whole
from halftone_compute.store.index import LEAF_ROWS
from halftone_compute.store.index.entry import IndexEntry, number_dtype

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from halftone_compute.index.coordinates import Pairs
    from halftone_compute.index.pair import Pair
    from halftone_compute.store.data_file import DataFile
    from halftone_compute.store.manifest import ColumnEntry, Manifest

    Report = Callable[[str, int, int], None]
    # Numbers of that many rows from a row on.
    Source = Callable[[int, int], np.ndarray]


class IndexBuild:
    """One build. `most` is how many rows are ordered in memory at once; `report` gets the phase, the rows done, and
    all rows.
    """

    def __init__(self, folder: Path, manifest: Manifest, pair: Pair, most: int, report: Report) -> None:
        self._folder = folder
        self._manifest = manifest
        self._pair = pair
        self._most = most
        self._report = report
        self._columns = {column.info.name: column for column in manifest.columns}

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
        files |= self._tiles(ordered[self._pair.x], ordered[self._pair.y], rows)
        zoned = tuple(column for column in columns if column.storage == "plain")
        starts = np.fromfile(self._folder / files["starts"].file, "<u8").astype(np.int64)
        files["zones"] = self._zones(zoned, starts)
        pair = self._pair
        entry = IndexEntry(pair.x, pair.y, pair.offset, rows, tuple(column.info.name for column in zoned), files)
        return replace(self._manifest, columns=columns, index=entry)

    # The order

    def _ordered(self) -> Shuffle:
        x, y = (Axis(self._folder, self._columns[name]) for name in (self._pair.x, self._pair.y))
        self._report("finding cells", 0, self.rows)
        parts = planned(lambda: placed(self._chunks(x, y)), self._pair.offset, self._most)
        paths = self._folder / "index.parts", self._folder / "index.order"
        sizes = np.zeros(parts.count + 1, np.int64)
        dtype = part_dtype(len(sizes))
        with paths[0].open("wb", buffering=0) as file:
            for xs, ys in self._chunks(x, y):
                found = np.full(len(xs), parts.count, np.int64)
                inside = has_place(xs, ys)
                found[inside] = parts.of(xs[inside], ys[inside])
                sizes += np.bincount(found, minlength=len(sizes))
                write_whole(file.fileno(), bytes_of(found.astype(dtype)))
        shuffle = Shuffle(*paths, tuple(sizes.tolist()), self._most)
        self._write_order(shuffle, x, y)
        return shuffle

    def _chunks(self, x: Axis, y: Axis) -> Iterator[Pairs]:
        """Coordinates of all rows. What is done of one pass over them is reported."""
        done = 0
        for xs, ys in chunks(x, y, self.rows):
            yield xs, ys
            done += len(xs)
            self._report("finding cells", done, self.rows)

    def _write_order(self, shuffle: Shuffle, x: Axis, y: Axis) -> None:
        scattered = [self._scattered(shuffle, axis.read, np.dtype("<f8"), name) for axis, name in ((x, "x"), (y, "y"))]
        with shuffle.order.open("wb", buffering=0) as file:
            for first, size, is_ordered in shuffle.stretches():
                order = np.zeros(size, PLACE)
                if is_ordered:
                    xs, ys = (numbers(path, "<f8", first, size) for path in scattered)
                    order = order_of(xs, ys, self._pair.offset).astype(PLACE, copy=False)
                write_whole(file.fileno(), bytes_of(order))
                self._report("sorting rows", first + size, self.rows)
        for path in scattered:
            path.unlink()

    def _scattered(self, shuffle: Shuffle, source: Source, dtype: np.dtype, name: str) -> Path:
        path = self._folder / f"index.{name}"
        shuffle.scattered(source, dtype, path)
        return path

    # Files in that order

    def _moved(self, shuffle: Shuffle, place: int, column: ColumnEntry) -> ColumnEntry:
        files = dict(column.files)
        for role, layout in (("values", column.layout), ("valid", "?")):
            if role in files:
                old = self._folder / files[role].file
                files[role] = self._file(shuffle, f"s{place:04d}.{role}", layout, partial(numbers, old, layout), old)
        return replace(column, files=files)

    def _file(self, shuffle: Shuffle, name: str, layout: str, source: Source, whole: Path | None = None) -> DataFile:
        """A file of the numbers of `source`, in order; `whole` is a file of all of them, if there is one."""
        dtype = np.dtype(layout)
        is_scattered = whole is None or not shuffle.is_one_part
        scratch = whole if whole is not None and not is_scattered else self._scattered(shuffle, source, dtype, "moved")
        target = HashedFile(self._folder, name)
        done = 0

        def on_rows(count: int) -> None:
            nonlocal done
            done += count
            self._report("moving rows", done, self.rows)

        shuffle.moved(scratch, dtype, target, on_rows)
        if is_scattered:
            scratch.unlink()
        return target.finish()

    def _numbers(self, shuffle: Shuffle) -> DataFile:
        dtype = number_dtype(self.rows)
        return self._file(
            shuffle, "index.numbers", dtype.str, lambda start, count: np.arange(start, start + count, dtype=dtype)
        )

    # What is made of them

    def _tiles(self, x: ColumnEntry, y: ColumnEntry, rows: int) -> dict[str, DataFile]:
        axes = Axis(self._folder, x), Axis(self._folder, y)
        target = HashedFile(self._folder, "index.tiles")
        sink = TileFile(target, lambda done: self._report("making tiles", done, self.rows))
        _, bounds = extent_of(chunks(*axes, rows))
        if bounds is not None:
            with FileRows(*axes, self.rows) as found:
                Walk(found, self._pair.offset, sink).run(Window.of(bounds, self._pair.offset), rows)
        tail = range(min(self.rows, rows + LEAF_ROWS), self.rows + LEAF_ROWS, LEAF_ROWS) if rows < self.rows else ()
        starts = [*sink.starts, *(min(stop, self.rows) for stop in tail)]
        return {
            "tiles": target.finish(),
            "directory": self._array("index.directory", sink.directory()),
            "starts": self._array("index.starts", np.array(starts, "<u8")),
        }

    def _zones(self, columns: tuple[ColumnEntry, ...], starts: np.ndarray) -> DataFile:
        zones = []
        for place, column in enumerate(columns):
            self._report("noting leaves", place * self.rows // len(columns), self.rows)
            zones.append(zones_of(self._folder, column, starts))
        return self._array("index.zones", np.stack(zones).astype("<f8"))

    def _array(self, name: str, values: np.ndarray) -> DataFile:
        target = HashedFile(self._folder, name)
        target.write(values)
        return target.finish()
