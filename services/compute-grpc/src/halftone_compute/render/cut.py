"""From the places of a job to one region that holds them all, and from its planes back to the piece of each place."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING, TypeAlias

from halftone.v1 import compute_pb2
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_views.glyph import glyph_of
from halftone_views.lattice import TILE, Address, Viewport, extent_of
from halftone_wire import Plane, encode, piece_bytes

from halftone_compute.backends.base import FreeRegion, LatticeRegion
from halftone_compute.render import axes
from halftone_compute.store.index.leaves import Box
from halftone_compute.store.pyramid.tiles import planes_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from halftone_views.codes import GlyphCode
    from halftone_views.lattice import Extent

    from halftone_compute.render.job import Place, RenderJob
    from halftone_compute.render.planner import PiecePlanes


Region: TypeAlias = LatticeRegion | FreeRegion


def region_of(places: Sequence[Place], glyph: GlyphCode) -> Region:
    """The free viewport, or the smallest box that holds every tile.

    Raises `param_out_of_range` for tiles so far out that floats skip some of their cells.
    """
    tiles = [place for place in places if isinstance(place, Address)]
    if not tiles:
        (view,) = [place for place in places if isinstance(place, Viewport)]
        return FreeRegion(view.x0, view.x1, view.y0, view.y1, view.width, view.height)
    first_x, width = _span(tile.ix for tile in tiles)
    first_y, height = (0.0, 1) if glyph_of(glyph).is_flat else _span(tile.iy for tile in tiles)
    return LatticeRegion(tiles[0].ex, first_x, tiles[0].ey, first_y, width, height)


def boxes_of(job: RenderJob) -> list[Box]:
    """Where rows can matter to each place, in stored columns."""
    extents = [
        _closed(extent_of(place, job.plan.glyph)) if isinstance(place, Address) else place.extent
        for place in job.places.values()
    ]
    x = axes.name_of(job.plan.x)
    # A flat glyph has no y.
    y = None if glyph_of(job.plan.glyph).is_flat else axes.name_of(job.plan.y)
    boxes = (Box(x, x0, x1) if y is None else Box(x, x0, x1, y, y0, y1) for x0, x1, y0, y1 in extents)
    transformed = axes.transformed(job.plan, job.version.columns)
    return [axes.stored_box(box, transformed) for box in boxes]


def _closed(extent: Extent) -> Extent:
    """The closed box of the same coordinates as a half-open one."""
    x0, x1, y0, y1 = extent
    return x0, math.nextafter(x1, -math.inf), y0, math.nextafter(y1, -math.inf)


def cut(place: Place, region: Region, planes: list[Plane]) -> list[Plane]:
    """The planes of one place, out of those of the whole region. A region of one row of cells has one row of tiles."""
    if isinstance(place, Viewport) or isinstance(region, FreeRegion):
        return planes
    left = place.ix * TILE - int(region.first_x)
    low = 0 if region.height == 1 else place.iy * TILE - int(region.first_y)
    return [Plane(plane.role, plane.cells[low : low + TILE, left : left + TILE], plane.category) for plane in planes]


def sample_id(piece_id: bytes) -> bytes:
    """16 bytes: the id of the piece of a sample that stands for the one with this id. No exact piece has it."""
    return hashlib.sha256(b"sample of " + piece_id).digest()[:16]


def encoded(
    piece_id: bytes,
    place: Place,
    glyph: GlyphCode,
    planes: PiecePlanes,
    fraction: float = 1.0,
    *,
    steps: Sequence[int] = (),
    steps_y: Sequence[int] = (),
    pack: bool = False,
) -> compute_pb2.EncodedPiece:
    """The piece of a place, serialised; `fraction` is the share of the rows that its planes are made of, `steps` and
    `steps_y` are those of its cells where they are ranked. `pack`: who asks reads packed planes.
    """
    extent = place.extent if isinstance(place, Viewport) else extent_of(place, glyph)
    address = place.to_proto() if isinstance(place, Address) else None
    if isinstance(planes, bytes) and pack:
        planes = planes_in(planes)
    if isinstance(planes, bytes):
        # Parts of one message, one behind the other, are that message.
        return compute_pb2.EncodedPiece(
            piece_id=piece_id, piece=piece_bytes(piece_id, extent, TILE, TILE, (), address) + planes
        )
    height, width = planes[0].cells.shape
    serialised = [encode(plane, pack=pack).SerializeToString() for plane in planes]
    piece = piece_bytes(piece_id, extent, width, height, serialised, address, fraction, steps, steps_y)
    return compute_pb2.EncodedPiece(piece_id=piece_id, piece=piece)


def _span(indices: Iterable[int]) -> tuple[float, int]:
    """First cell and number of cells."""
    known = sorted(indices)
    first, last = known[0] * TILE, (known[-1] + 1) * TILE
    if float(first) != first or float(last) != last:
        raise HalftoneError(ErrorCode.PARAM_OUT_OF_RANGE, "There is no such tile.", "tiles")
    return float(first), last - first
