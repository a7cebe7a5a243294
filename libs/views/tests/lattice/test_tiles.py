"""Tiles in exact arithmetic, and their addresses."""

import math
from fractions import Fraction

import pytest
from halftone.v1 import compute_pb2
from halftone_servicekit.errors import HalftoneError
from halftone_views.lattice import (
    MAX_COORDINATE,
    MAX_INDEX,
    TILE,
    Address,
    Viewport,
    block_of,
    extent_of,
    level_for,
    tiles_for,
)
from hypothesis import example, given
from views_rig.lattice import size, viewports

POINTS = compute_pb2.GLYPH_POINTS
BINS = compute_pb2.GLYPH_BINS


@given(viewports())
@example(Viewport(-1, 1, -5e-324, 5e-324, 1, 1))
@example(Viewport(0, 4096, 0, 2048, 4096, 2048))
@example(Viewport(-MAX_COORDINATE, MAX_COORDINATE, 1e16, 1e16 + 2, 4096, 2048))
def test_tiles_cover_the_viewport_without_a_gap_and_without_waste(viewport: Viewport) -> None:
    ex, ey = level_for(viewport)
    tiles = tiles_for(viewport, ex, ey, POINTS)
    columns, rows = sorted({tile.ix for tile in tiles}), sorted({tile.iy for tile in tiles})
    assert tiles == [Address(ex, ix, ey, iy) for iy in rows for ix in columns]
    for e, indices, low, high in ((ex, columns, viewport.x0, viewport.x1), (ey, rows, viewport.y0, viewport.y1)):
        assert indices == list(range(indices[0], indices[-1] + 1))
        edges = [index * TILE * size(e) for index in (*indices, indices[-1] + 1)]
        assert edges[0] <= Fraction(low) < edges[1]
        assert edges[-2] < Fraction(high) <= edges[-1]


@given(viewports())
def test_a_frame_has_no_more_cells_than_pixels_and_one_ring_of_tiles(viewport: Viewport) -> None:
    ex, ey = level_for(viewport)
    tiles = tiles_for(viewport, ex, ey, POINTS)
    bound = math.prod(math.ceil(side / TILE) + 1 for side in (viewport.width, viewport.height))
    assert 1 <= len(tiles) <= bound
    span = Fraction(viewport.x1) - Fraction(viewport.x0)
    assert span / size(ex) <= viewport.width


@given(viewports())
def test_every_tile_has_exact_edges_and_is_accepted_from_the_wire(viewport: Viewport) -> None:
    for tile in tiles_for(viewport, *level_for(viewport), POINTS):
        x0, x1, y0, y1 = extent_of(tile)
        assert (Fraction(x0), Fraction(x1)) == (tile.ix * TILE * size(tile.ex), (tile.ix + 1) * TILE * size(tile.ex))
        assert (Fraction(y0), Fraction(y1)) == (tile.iy * TILE * size(tile.ey), (tile.iy + 1) * TILE * size(tile.ey))
        assert Address.from_proto(tile.to_proto()) == tile


def test_bins_are_one_row_of_tiles() -> None:
    viewport = Viewport(-1000, 1000, -5, 5, 1000, 700)
    tiles = tiles_for(viewport, *level_for(viewport), BINS)
    assert tiles == [Address(1, ix, 0, 0) for ix in (-2, -1, 0, 1)]
    assert extent_of(tiles[0], BINS) == (-1024.0, -512.0, 0.0, 1.0)
    assert viewport.flat() == Viewport(-1000, 1000, 0, 1, 1000, 1)


def test_an_upper_edge_on_a_tile_edge_needs_no_further_tile() -> None:
    assert tiles_for(Viewport(0, 256, -256, 0, 256, 256), 0, 0, POINTS) == [Address(0, 0, 0, -1)]


def test_blocks_hold_eight_by_eight_tiles() -> None:
    assert block_of(Address(3, 7, -2, 8)) == Address(3, 0, -2, 1)
    assert block_of(Address(3, -1, -2, -9)) == Address(3, -1, -2, -2)


@pytest.mark.parametrize(
    "address",
    [
        Address(-1075, 0, 0, 0),
        Address(0, 0, 1002, 0),
        Address(0, MAX_INDEX, 0, 0),
        Address(0, 0, 0, -MAX_INDEX - 1),
        Address(1001, 1, 0, 0),
        Address(990, 0, 990, 8),
        Address(0, 2**62, 0, 0),
        Address(2**31 - 1, 0, -(2**31), 0),
    ],
)
def test_tiles_beyond_the_lattice_are_refused(address: Address) -> None:
    with pytest.raises(HalftoneError) as caught:
        Address.from_proto(address.to_proto())
    assert (caught.value.code, caught.value.field) == ("param_out_of_range", "tiles")


def test_tiles_at_the_ends_of_the_lattice_are_accepted() -> None:
    for address in (Address(1001, -1, -1000, 0), Address(0, MAX_INDEX - 1, 0, -MAX_INDEX)):
        assert Address.from_proto(address.to_proto()) == address
        assert all(map(math.isfinite, extent_of(address)))
