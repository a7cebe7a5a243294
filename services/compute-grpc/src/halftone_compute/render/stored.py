"""The strategy that answers from stored tiles: it reads few rows, or none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from halftone.v1 import compute_pb2
from halftone_views.glyph import glyph_of
from halftone_views.lattice import TILE, Address
from halftone_views.plan import planes_of
from halftone_wire import Plane
from typing_extensions import override

from halftone_compute.render.background.tile_set import empty
from halftone_compute.render.cut import boxes_of, region_of
from halftone_compute.render.joining import asked, widened
from halftone_compute.render.planner import Gathered, PiecePlanes, Strategy
from halftone_compute.store.pyramid.cover import cover_of
from halftone_compute.store.pyramid.joined import X_AXIS, Y_AXIS, halved, joined
from halftone_compute.store.pyramid.tiles import planes_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from halftone_compute.backends.base import Cancel
    from halftone_compute.render.background.tile_set import TileSet
    from halftone_compute.render.background.tile_sets import TileSets
    from halftone_compute.render.job import RenderJob
    from halftone_compute.render.read.rows import RowReader, RowsRead
    from halftone_compute.store.index.leaves import Leaves
    from halftone_compute.store.pyramid.cover import Cover

# What a receipt names when no engine had to read rows.
BACKEND = "stored"
_TILE_BITS = TILE.bit_length() - 1


class StoredTiles(Strategy):
    """Answers tiles of an indexed pair that hold more rows than a leaf, or none."""

    def __init__(self, rows: RowReader, tile_sets: TileSets) -> None:
        self._rows = rows
        self._tile_sets = tile_sets

    @override
    def gather(self, job: RenderJob, cancel: Cancel) -> Iterator[Gathered]:
        index = job.version.index
        # A tile set is of the pair as it lies.
        if index is None or job.plan.x.column != index.x:
            return
        if not any(isinstance(place, Address) for place in job.places.values()):
            return
        is_flat = glyph_of(job.plan.glyph).is_flat
        job = _squared(job) if is_flat else job
        tiles = self._tile_sets.made_for(job, cancel)
        if tiles is None:
            return
        for gathered in _Answer(job, tiles, index.leaves(cancel.check), self._rows, cancel).gathered():
            yield _flattened(gathered) if is_flat else gathered


class _Answer:
    """Those tiles of a job that a tile set gives."""

    def __init__(self, job: RenderJob, tiles: TileSet, leaves: Leaves, rows: RowReader, cancel: Cancel) -> None:
        self._plan = job.plan
        self._job = replace(job, plan=tiles.plan)
        self._tiles = tiles
        self._leaves = leaves
        self._rows = rows
        self._cancel = cancel
        # What was made since the last pieces were handed on.
        self._pieces: dict[bytes, PiecePlanes] = {}
        self._read: list[RowsRead] = []
        self._held = 0
        self._tiles_read = 0

    def gathered(self) -> Iterator[Gathered]:
        """The tiles that are given, in order: handed on as soon as their planes fill the memory of a picture."""
        planes = len(planes_of(self._job.plan))
        met = self._leaves.of_each(boxes_of(self._job))
        for (piece_id, place), near in zip(self._job.places.items(), met, strict=True):
            self._cancel.check()
            if isinstance(place, Address):
                cover = cover_of(place, self._tiles.pyramid, self._leaves, near, planes)
                answer = self._answer(place, cover)
                if answer is not None:
                    self._pieces[piece_id] = answer
                    self._held += _size(answer)
                    self._tiles_read += len(cover.tiles)
            if self._held >= self._rows.most_bytes:
                yield self._handed_on()
        if self._pieces:
            yield self._handed_on()

    def _handed_on(self) -> Gathered:
        backend, degraded = (self._read[-1].backend, self._read[-1].degraded) if self._read else (BACKEND, "")
        rows = sum(read.rows for read in self._read)
        gathered = Gathered(self._pieces, rows, backend, degraded, self._tiles_read)
        self._pieces, self._read, self._held, self._tiles_read = {}, [], 0, 0
        return gathered

    def _answer(self, place: Address, cover: Cover) -> PiecePlanes | None:
        """The planes of a tile; None when only rows make it."""
        if cover.is_exact:
            return self._as_it_lies(cover.tiles[0])
        if cover.tiles:
            return asked(self._joined(place, cover), self._plan)
        return None if len(cover.leaves) else empty(self._plan)

    def _as_it_lies(self, place: int) -> PiecePlanes:
        pyramid = self._tiles.pyramid
        if planes_of(self._plan) == planes_of(self._job.plan):
            return pyramid.bytes_of(place)
        return asked(pyramid.planes_of(place), self._plan)

    def _joined(self, place: Address, cover: Cover) -> list[Plane]:
        planes = _reduced(place, cover, self._tiles)
        if not len(cover.leaves):
            return planes
        region = region_of([place], self._plan.glyph)
        read = self._rows.of_leaves(self._job, region, self._leaves, cover.leaves, self._tiles.crowds, self._cancel)
        self._read.append(read)
        return joined(planes, widened(read.planes, self._tiles.types))


def _size(answer: PiecePlanes) -> int:
    """The bytes of memory that planes take."""
    return len(answer) if isinstance(answer, bytes) else sum(plane.cells.nbytes for plane in answer)


def _reduced(address: Address, cover: Cover, tiles: TileSet) -> list[Plane]:
    """The planes of a tile out of those of finer ones."""
    whole: list[Plane] = []
    for place in cover.tiles:
        planes = widened(tiles.pyramid.planes_of(place), tiles.types)
        for steps, axis in ((cover.x_steps, X_AXIS), (cover.y_steps, Y_AXIS)):
            for _ in range(min(steps, _TILE_BITS)):
                planes = halved(planes, axis)
        entry = tiles.pyramid.directory[place]
        left, low = (_first(int(entry[name]), steps) for name, steps in (("ix", cover.x_steps), ("iy", cover.y_steps)))
        if not whole:
            whole = [Plane(plane.role, np.zeros((TILE, TILE), plane.cells.dtype), plane.category) for plane in planes]
        height, width = planes[0].cells.shape
        inside = np.s_[low : low + height, left : left + width]
        part = [Plane(plane.role, plane.cells[inside], plane.category) for plane in whole]
        for plane, sum_ in zip(whole, joined(part, planes), strict=True):
            plane.cells[inside] = sum_.cells
    return whole


def _first(index: int, steps: int) -> int:
    """The first cell of a coarser tile that a finer one has a part of."""
    return ((index << _TILE_BITS) >> steps) % TILE


def _squared(job: RenderJob) -> RenderJob:
    """Bins of a column as points of it against itself: those of a bin lie in one cell of the diagonal."""
    plan = compute_pb2.Plan()
    plan.CopyFrom(job.plan)
    plan.glyph = compute_pb2.GLYPH_POINTS
    plan.y.CopyFrom(plan.x)
    places = {
        piece_id: Address(place.ex, place.ix, place.ex, place.ix) if isinstance(place, Address) else place
        for piece_id, place in job.places.items()
    }
    return replace(job, plan=plan, places=places)


def _flattened(gathered: Gathered) -> Gathered:
    """The cells of the diagonal as one row."""
    pieces: dict[bytes, PiecePlanes] = {}
    for piece_id, found in gathered.pieces.items():
        planes = planes_in(found) if isinstance(found, bytes) else found
        pieces[piece_id] = [replace(plane, cells=np.diagonal(plane.cells)[np.newaxis]) for plane in planes]
    return replace(gathered, pieces=pieces)
