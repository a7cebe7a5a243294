"""The strategy that answers from tiles that were made at the import: it reads few rows, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from halftone.v1 import frame_pb2
from halftone_views.lattice import TILE, Address
from halftone_wire import Plane
from typing_extensions import override

from halftone_compute.render.crowds import can_count_unread
from halftone_compute.render.cut import boxes_of, region_of
from halftone_compute.render.planner import Gathered, PiecePlanes, Strategy
from halftone_compute.store.pyramid.cover import cover_of
from halftone_compute.store.pyramid.joined import X_AXIS, Y_AXIS, halved, joined

if TYPE_CHECKING:
    from halftone_compute.backends.base import Cancel
    from halftone_compute.render.job import RenderJob
    from halftone_compute.render.scan import RowReader
    from halftone_compute.store.index.leaves import Leaves
    from halftone_compute.store.pyramid.cover import Cover
    from halftone_compute.store.pyramid.tiles import Pyramid

# What a receipt names when no engine had to read rows.
BACKEND = "stored"
_TILE_BITS = TILE.bit_length() - 1
_EMPTY = frame_pb2.Piece(
    planes=[frame_pb2.Plane(role=frame_pb2.PLANE_ROLE_COUNT, dtype=frame_pb2.DTYPE_U8, codec=frame_pb2.CODEC_EMPTY)]
).SerializeToString()


class StoredTiles(Strategy):
    """Answers tiles of an indexed pair that hold more rows than a leaf, or none, when all rows are counted."""

    def __init__(self, rows: RowReader) -> None:
        self._rows = rows

    @override
    def gather(self, job: RenderJob, cancel: Cancel) -> Gathered | None:
        index = job.version.index
        if index is None:
            return None
        leaves = index.leaves(cancel.check)
        if not _is_stored(job, leaves):
            return None
        pyramid = index.pyramid(cancel.check)
        pieces: dict[bytes, PiecePlanes] = {}
        tiles, rows, backend, degraded = 0, 0, BACKEND, ""
        met = leaves.of_each(boxes_of(job))
        for (piece_id, place), near in zip(job.places.items(), met, strict=True):
            cancel.check()
            if not isinstance(place, Address):
                continue
            cover = cover_of(place, pyramid, leaves, near)
            if cover.is_exact:
                pieces[piece_id] = pyramid.bytes_of(cover.tiles[0])
            elif cover.tiles:
                planes = _reduced(place, cover, pyramid)
                if len(cover.leaves):
                    region = region_of([place], job.plan.glyph)
                    read = self._rows.of_leaves(job, region, leaves, cover.leaves, cancel)
                    planes, rows = joined(planes, read.planes), rows + read.rows
                    backend, degraded = read.backend, read.degraded
                pieces[piece_id] = planes
            elif not len(cover.leaves):
                pieces[piece_id] = _EMPTY
            tiles += len(cover.tiles)
        return Gathered(pieces, rows, backend, degraded, tiles) if pieces else None


def _is_stored(job: RenderJob, leaves: Leaves) -> bool:
    """Whether the tiles that a job asks for may be among the stored ones."""
    return can_count_unread(job, leaves) and job.plan.x.column == leaves.x


def _reduced(address: Address, cover: Cover, pyramid: Pyramid) -> list[Plane]:
    """The planes of a tile out of those of finer ones."""
    whole: list[Plane] = []
    for place in cover.tiles:
        planes = pyramid.planes_of(place)
        for steps, axis in ((cover.x_steps, X_AXIS), (cover.y_steps, Y_AXIS)):
            for _ in range(min(steps, _TILE_BITS)):
                planes = halved([_wide(plane) for plane in planes], axis)
        entry = pyramid.directory[place]
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


def _wide(plane: Plane) -> Plane:
    """A plane whose sums do not overflow: stored ones have the smallest type."""
    cells = plane.cells
    return Plane(plane.role, cells.astype(np.uint64) if cells.dtype.kind == "u" else cells, plane.category)
