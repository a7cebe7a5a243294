"""Writes leaves and tiles while the walk finds them."""

from __future__ import annotations

import os
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from halftone.v1 import compute_pb2

from halftone_compute.backends.base import Cancel, LatticeRegion, Task
from halftone_compute.backends.cpu.canvas import LoopCanvas
from halftone_compute.backends.cpu.lattice import lattice_cells
from halftone_compute.index.coordinates import CHUNK_ROWS
from halftone_compute.store.base import Block
from halftone_compute.store.index.entry import DIRECTORY
from halftone_compute.store.pyramid.tiles import tile_bytes

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from halftone_wire import Plane

    from halftone_compute.index.coordinates import Axis
    from halftone_compute.index.walk import Node
    from halftone_compute.store.hashed_file import HashedFile

_ROWS = (compute_pb2.ACCUMULATOR_COUNT,)


class FileRows:
    """The OrderedRows of files: how many rows lie in each cell. A context manager, which closes them.

    Single rows are read, not mapped: a map takes the address space of the whole column.
    """

    def __init__(self, x: Axis, y: Axis, rows: int) -> None:
        self._axes = (x, y)
        self._rows = rows
        self._dtypes = tuple(np.dtype(axis.column.layout) for axis in self._axes)
        self._open = ExitStack()
        self._files = tuple(
            self._open.enter_context((axis.folder / axis.column.files["values"].file).open("rb", buffering=0))
            for axis in self._axes
        )

    def __enter__(self) -> FileRows:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def x(self, row: int) -> float:
        return self._value(0, row)

    def y(self, row: int) -> float:
        return self._value(1, row)

    def planes(self, region: LatticeRegion, start: int, stop: int) -> list[Plane]:
        task = Task(region, _ROWS, "x", "y", self._rows)
        canvas = LoopCanvas(task, partial(lattice_cells, task, region))
        for first in range(start, stop, CHUNK_ROWS):
            xs, ys = (axis.read(first, min(CHUNK_ROWS, stop - first)) for axis in self._axes)
            canvas.add(Block(first, {"x": xs, "y": ys}, {}), Cancel())
        return canvas.planes()

    def _value(self, axis: int, row: int) -> float:
        dtype = self._dtypes[axis]
        raw = os.pread(self._files[axis].fileno(), dtype.itemsize, row * dtype.itemsize)
        return float(np.frombuffer(raw, dtype)[0])


class TileFile:
    """A sink of the walk: leaves in memory, the bytes of tiles in a file. `on_rows` gets how many rows are done."""

    def __init__(self, target: HashedFile, on_rows: Callable[[int], None]) -> None:
        self.starts: list[int] = [0]
        self._target = target
        self._on_rows = on_rows
        self._entries: list[tuple[int, ...]] = []

    def leaf(self, start: int, stop: int) -> None:
        self.starts.append(stop)
        self._on_rows(stop)

    def tile(self, node: Node, planes: list[Plane]) -> None:
        data = tile_bytes(planes)
        self._entries.append((node.ex, node.ey, node.ix, node.iy, self._target.bytes, len(data), node.rows))
        self._target.write(data)

    def directory(self) -> np.ndarray:
        """Where each tile lies, of DIRECTORY, sorted by level, iy, ix."""
        entries = np.array(self._entries, DIRECTORY)
        return entries[np.lexsort((entries["ix"], entries["iy"], entries["ex"], entries["ey"]))]
