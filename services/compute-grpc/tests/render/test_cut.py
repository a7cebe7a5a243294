"""Regions around places, and pieces cut from their planes."""

import numpy as np
import pytest
from halftone.v1 import compute_pb2, frame_pb2
from halftone_compute.backends.base import FreeRegion, LatticeRegion, Task
from halftone_compute.render.cut import box_of, cut, encoded, region_of
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_views.lattice import Address, Viewport
from halftone_wire import Plane, decode_piece

POINTS, BINS = compute_pb2.GLYPH_POINTS, compute_pb2.GLYPH_BINS
COUNT = (compute_pb2.ACCUMULATOR_COUNT,)
VIEW = Viewport(-1.0, 3.0, 0.0, 2.0, 40, 20, exact=True)


def test_a_region_holds_every_tile() -> None:
    tiles = [Address(-3, 2, 1, -1), Address(-3, 4, 1, 0)]
    assert region_of(tiles, POINTS) == LatticeRegion(-3, 512.0, 1, -256.0, 768, 512)
    assert region_of([Address(-3, 2, 0, 0)], BINS) == LatticeRegion(-3, 512.0, 0, 0.0, 256, 1)
    assert region_of([VIEW], POINTS) == FreeRegion(-1.0, 3.0, 0.0, 2.0, 40, 20)


def test_cells_that_floats_skip_have_no_region() -> None:
    with pytest.raises(HalftoneError) as caught:
        region_of([Address(0, 2**60 + 1, 0, 0)], POINTS)
    assert caught.value.code is ErrorCode.PARAM_OUT_OF_RANGE


def test_a_box_is_the_extent_of_the_region() -> None:
    box = box_of(Task(LatticeRegion(-1, 4.0, 2, -8.0, 256, 256), COUNT, "x", "y", 1))
    assert (box.x, box.x0, box.x1, box.y, box.y0, box.y1) == ("x", 2.0, 130.0, "y", -32.0, 992.0)
    box = box_of(Task(FreeRegion(-1.0, 3.0, 0.0, 1.0, 40, 1), COUNT, "x", None, 1))
    assert (box.x0, box.x1, box.y) == (-1.0, 3.0, None)


def test_a_tile_is_cut_from_its_place() -> None:
    tiles = [Address(0, 1, 0, 5), Address(0, 2, 0, 6)]
    region = region_of(tiles, POINTS)
    whole = [Plane(frame_pb2.PLANE_ROLE_COUNT, np.arange(512 * 512).reshape(512, 512))]
    (plane,) = cut(tiles[1], region, whole)
    assert plane.cells.shape == (256, 256)
    assert plane.cells[0, 0] == 256 * 512 + 256
    assert cut(VIEW, region_of([VIEW], POINTS), whole) == whole


def test_a_tile_of_bins_is_one_row() -> None:
    tiles = [Address(0, 1, 0, 0), Address(0, 3, 0, 0)]
    whole = [Plane(frame_pb2.PLANE_ROLE_COUNT, np.arange(768)[np.newaxis])]
    (plane,) = cut(tiles[1], region_of(tiles, BINS), whole)
    assert plane.cells.tolist() == [list(range(512, 768))]


def test_a_piece_says_where_it_lies() -> None:
    planes = [Plane(frame_pb2.PLANE_ROLE_COUNT, np.ones((256, 256), np.uint32))]
    made = encoded(b"id", Address(-8, 1, -8, 0), POINTS, planes)
    piece = decode_piece(made.piece)
    assert (made.piece_id, piece.piece_id, piece.width, piece.height) == (b"id", b"id", 256, 256)
    assert piece.extent == (1.0, 2.0, 0.0, 1.0)
    assert piece.address == frame_pb2.TileAddress(ex=-8, ix=1, ey=-8, iy=0)
    assert decode_piece(encoded(b"id", VIEW, POINTS, planes).piece).extent == VIEW.extent
