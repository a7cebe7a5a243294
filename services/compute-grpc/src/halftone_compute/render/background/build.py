"""Makes the tile set of a plan: the tiles that the index has, finest first, each out of its two halves."""

from __future__ import annotations

import math
import os
from dataclasses import replace
from typing import IO, TYPE_CHECKING

import numpy as np
from halftone_views.lattice import MIN_EXPONENT, Address, cell_of
from halftone_views.plan import planes_of
from halftone_wire import Plane

from halftone_compute.backends.base import LatticeRegion
from halftone_compute.index.walk import half_region
from halftone_compute.render.background.tile_set import TileSet, types_of
from halftone_compute.render.joining import widened
from halftone_compute.store.hashed_file import write_whole
from halftone_compute.store.pyramid.cover import lie_in
from halftone_compute.store.pyramid.joined import X_AXIS, Y_AXIS, beside, halved
from halftone_compute.store.pyramid.tiles import Pyramid, planes_in, tile_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from halftone_compute.backends.base import Cancel
    from halftone_compute.render.job import RenderJob
    from halftone_compute.render.read.rows import RowReader
    from halftone_compute.store.index.leaves import Leaves

# Numbers of cells of this exponent below that of a coordinate are exact as float64.
_EXACT_BITS = 52


class TileBuild:
    """One build of the tiles that `base` has, for the plan of a job, into an empty file. `make_room` gets the bytes
    that the file is about to have, and ends the build by raising.
    """

    def __init__(
        self,
        job: RenderJob,
        leaves: Leaves,
        base: Pyramid,
        rows: RowReader,
        file: IO[bytes],
        make_room: Callable[[int], None],
        cancel: Cancel,
    ) -> None:
        self._job = job
        self._leaves = leaves
        self._base = base
        self._rows = rows
        self._file = file
        self._make_room = make_room
        self._cancel = cancel
        self._types = types_of(job)
        self._directory = base.directory.copy()

    def run(self) -> TileSet:
        """Raises OSError, and as `RowReader.read`."""
        directory, end = self._directory, 0
        # A tile is made of two of a level that is finer by one on one axis.
        for place in np.argsort(directory["ex"] + directory["ey"].astype(np.int64), kind="stable").tolist():
            axis = self._axis(place)
            made = beside(self._half(place, 0), self._half(place, 1), axis)
            data = tile_bytes(made)
            self._make_room(end + len(data))
            write_whole(self._file.fileno(), memoryview(data), end)
            directory["start"][place], directory["size"][place] = end, len(data)
            end += len(data)
        crowds = self._crowds()
        mapped = np.memmap(self._file, np.uint8, "r", shape=(end,)) if end else np.empty(0, np.uint8)
        return TileSet(self._job.plan, Pyramid(self._base.offset, directory, mapped), crowds, self._types)

    def _axis(self, place: int) -> int:
        """The axis on which a tile is halved."""
        entry = self._directory[place]
        return Y_AXIS if entry["ex"] - entry["ey"] == self._base.offset else X_AXIS

    def _half(self, place: int, side: int) -> list[Plane]:
        """The planes of the lower (0) or the upper (1) half of a tile."""
        self._cancel.check()
        ex, ix, ey, iy = (int(self._directory[place][name]) for name in ("ex", "ix", "ey", "iy"))
        axis = self._axis(place)
        half = Address(ex - 1, 2 * ix + side, ey, iy) if axis == X_AXIS else Address(ex, ix, ey - 1, 2 * iy + side)
        known = self._base.place_of(half)
        if known is not None:
            return halved(widened(self._stored(known), self._types), axis)
        region = half_region(Address(ex, ix, ey, iy), axis, side)
        return self._read(region, lie_in(self._leaves, half))

    def _stored(self, place: int) -> list[Plane]:
        entry = self._directory[place]
        return planes_in(os.pread(self._file.fileno(), int(entry["size"]), int(entry["start"])))

    def _crowds(self) -> list[Plane]:
        """What each crowded leaf holds, as if it were a tile of one cell."""
        found = [
            self._read(self._cell_of(leaf), np.array([leaf])) for leaf in np.flatnonzero(self._leaves.crowded).tolist()
        ]
        return [
            replace(plane, cells=np.array([planes[at].cells.item() for planes in found], plane.cells.dtype))
            for at, plane in enumerate(found[0] if found else ())
        ]

    def _cell_of(self, leaf: int) -> LatticeRegion:
        """A cell that holds the point at which all rows of a leaf lie."""
        (ex, first_x), (ey, first_y) = (
            _finest_cell(float(self._leaves.zones[name][0][leaf])) for name in (self._leaves.x, self._leaves.y)
        )
        return LatticeRegion(ex, first_x, ey, first_y, 1, 1)

    def _read(self, region: LatticeRegion, chosen: np.ndarray) -> list[Plane]:
        """The planes of the rows of some leaves, all of which are read."""
        if not len(chosen):
            return [
                Plane(role, np.zeros((region.height, region.width), self._types[role]), category)
                for role, category in planes_of(self._job.plan)
            ]
        return widened(
            self._rows.of_leaves(self._job, region, self._leaves, chosen, None, self._cancel).planes, self._types
        )


def _finest_cell(value: float) -> tuple[int, float]:
    """(exponent, number) of a small cell that holds a value, with an exact number."""
    exponent = max(math.frexp(value)[1] - _EXACT_BITS, MIN_EXPONENT)
    return exponent, float(cell_of(value, exponent))
