"""Tiles of 256 x 256 cells, and their addresses."""

import math
from dataclasses import dataclass, replace
from fractions import Fraction

from halftone.v1 import compute_pb2, frame_pb2
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_views.codes import GlyphCode
from halftone_views.glyph import glyph_of
from halftone_views.lattice.cells import MAX_EXPONENT, MIN_EXPONENT, cell_of
from halftone_views.lattice.extents import FLAT, MAX_COORDINATE, Extent
from halftone_views.lattice.viewport import Viewport

TILE = 256
BLOCK = 8
# Tiles from the origin: 2**53 cells, as far as the edges of a tile are exact float64 numbers.
MAX_INDEX = 2**45


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """Names one tile: cells `256 * ix` to `256 * ix + 255` of size `2**ex`, and the same for y."""

    ex: int
    ix: int
    ey: int
    iy: int

    def to_proto(self) -> frame_pb2.TileAddress:
        """The message."""
        return frame_pb2.TileAddress(ex=self.ex, ix=self.ix, ey=self.ey, iy=self.iy)

    @classmethod
    def from_proto(cls, address: frame_pb2.TileAddress) -> "Address":
        """Raises `param_out_of_range` for a tile that no viewport can ask for."""
        if not (_is_reachable(address.ex, address.ix) and _is_reachable(address.ey, address.iy)):
            raise HalftoneError(ErrorCode.PARAM_OUT_OF_RANGE, "There is no such tile.", "tiles")
        return cls(address.ex, address.ix, address.ey, address.iy)


def tiles_for(viewport: Viewport, ex: int, ey: int, glyph: GlyphCode) -> list[Address]:
    """The tiles that meet the half-open viewport, row by row from the least y; one row for a flat glyph."""
    columns = _tile_range(viewport.x0, viewport.x1, ex)
    if glyph_of(glyph).is_flat:
        return [Address(ex, ix, 0, 0) for ix in columns]
    return [Address(ex, ix, ey, iy) for iy in _tile_range(viewport.y0, viewport.y1, ey) for ix in columns]


def extent_of(address: Address, glyph: GlyphCode = compute_pb2.GLYPH_POINTS) -> Extent:
    """(x0, x1, y0, y1) of a tile, half-open and exact; y is 0 to 1 for a flat glyph."""
    x0, x1 = _edges(address.ex, address.ix)
    y0, y1 = FLAT if glyph_of(glyph).is_flat else _edges(address.ey, address.iy)
    return x0, x1, y0, y1


def block_of(address: Address) -> Address:
    """The block of 8 x 8 tiles around a tile: `ix` and `iy` divided by 8. Neighbours go to the same compute pod."""
    return replace(address, ix=address.ix // BLOCK, iy=address.iy // BLOCK)


def _is_reachable(e: int, i: int) -> bool:
    if not (MIN_EXPONENT <= e <= MAX_EXPONENT and -MAX_INDEX <= i < MAX_INDEX):
        return False
    return cell_of(-MAX_COORDINATE, e + 8) <= i <= cell_of(MAX_COORDINATE, e + 8)


def _tile_range(low: float, high: float, e: int) -> range:
    # 2**8 cells: a tile is itself a cell of the level eight steps up.
    last = cell_of(high, e + 8)
    is_edge = Fraction(high) == last * Fraction(2) ** (e + 8)
    return range(cell_of(low, e + 8), last if is_edge else last + 1)


def _edges(e: int, i: int) -> tuple[float, float]:
    return math.ldexp(i * TILE, e), math.ldexp((i + 1) * TILE, e)
