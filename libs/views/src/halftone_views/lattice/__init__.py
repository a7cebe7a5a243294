"""The lattice of power-of-two cells, in integers and exact fractions: pure, and free of any table.

A cell of one axis is `[i * 2**e, (i + 1) * 2**e)`; a tile is 256 x 256 cells; every axis has its own exponent.
"""

from halftone_views.lattice.cells import MAX_EXPONENT, MIN_EXPONENT, cell_of, level_for
from halftone_views.lattice.extents import FLAT, MAX_COORDINATE, Extent, covering, padded
from halftone_views.lattice.tiles import BLOCK, MAX_INDEX, TILE, Address, block_of, extent_of, tiles_for
from halftone_views.lattice.viewport import MAX_PIXELS, MAX_SIDE, Viewport, validate_viewport, viewport_from_proto

__all__ = [
    "BLOCK",
    "FLAT",
    "MAX_COORDINATE",
    "MAX_EXPONENT",
    "MAX_INDEX",
    "MAX_PIXELS",
    "MAX_SIDE",
    "MIN_EXPONENT",
    "TILE",
    "Address",
    "Extent",
    "Viewport",
    "block_of",
    "cell_of",
    "covering",
    "extent_of",
    "level_for",
    "padded",
    "tiles_for",
    "validate_viewport",
    "viewport_from_proto",
]
