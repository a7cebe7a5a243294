"""Regions around places, and pieces cut from their planes."""

import math

import numpy as np
import pytest
from compute_rig.memory import MemoryVersion
from compute_rig.rows import GRANT, plan_of
from halftone.v1 import compute_pb2, frame_pb2
from halftone_compute.backends.base import FreeRegion, LatticeRegion
from halftone_compute.render.cut import boxes_of, cut, encoded, region_of
from halftone_compute.render.job import RenderJob
from halftone_compute.store.index.leaves import Box
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_views.lattice import Address, Viewport
from halftone_wire import Plane, decode_piece, encode

POINTS, BINS = compute_pb2.GLYPH_POINTS, compute_pb2.GLYPH_BINS
VERSION = MemoryVersion("v", {"x": np.zeros(1), "y": np.zeros(1)})
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


def test_every_place_has_its_box() -> None:
    tiles = {b"1": Address(-1, 0, 2, -1), b"2": Address(-1, 5, 2, 0)}
    asked = RenderJob(GRANT, VERSION, plan_of("count"), tiles)
    assert boxes_of(asked) == [
        Box("x", 0.0, below(128.0), "y", -1024.0, below(0.0)),
        Box("x", 640.0, below(768.0), "y", 0.0, below(1024.0)),
    ]
    free = RenderJob(GRANT, VERSION, plan_of("count"), {b"1": VIEW})
    assert boxes_of(free) == [Box("x", -1.0, 3.0, "y", 0.0, 2.0)]
    row = Address(0, 1, 0, 0)
    bins = RenderJob(
        GRANT,
        VERSION,
        compute_pb2.Plan(glyph=BINS, x=compute_pb2.Axis(column="x", transform=compute_pb2.TRANSFORM_LINEAR)),
        {b"1": row},
    )
    assert boxes_of(bins) == [Box("x", 256.0, below(512.0))]


def test_a_box_leaves_the_upper_edge_to_the_neighbour() -> None:
    (box,) = boxes_of(RenderJob(GRANT, VERSION, plan_of("count"), {b"1": Address(0, -1, 1, 2)}))
    assert (box.x, box.x0, box.y, box.y0) == ("x", -256.0, "y", 1024.0)
    assert (box.x1, box.y1) == (np.nextafter(0.0, -1.0), np.nextafter(1536.0, 0.0))


def below(edge: float) -> float:
    return math.nextafter(edge, -math.inf)


def test_planes_that_lie_in_a_store_become_a_piece_as_they_are() -> None:
    planes = [Plane(frame_pb2.PLANE_ROLE_COUNT, np.arange(65_536, dtype=np.uint32).reshape(256, 256))]
    stored = frame_pb2.Piece(planes=[encode(plane) for plane in planes]).SerializeToString()
    tile = Address(-8, 1, -8, 0)
    mine, other = (decode_piece(encoded(b"id", tile, POINTS, found).piece) for found in (stored, planes))
    np.testing.assert_array_equal(mine.planes[0].cells, other.planes[0].cells)
    assert (mine.extent, mine.address, mine.width, mine.height) == (other.extent, other.address, 256, 256)


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


@pytest.mark.parametrize("is_stored", [False, True])
def test_planes_are_packed_for_those_who_read_it_and_for_no_one_else(is_stored: bool) -> None:
    counts = np.random.default_rng(1).poisson(0.5, (256, 256)).astype(np.uint32)
    planes = [Plane(frame_pb2.PLANE_ROLE_COUNT, counts)]
    lying = frame_pb2.Piece(planes=[encode(plane) for plane in planes]).SerializeToString()
    made = {
        pack: encoded(b"id", Address(-8, 1, -8, 0), POINTS, lying if is_stored else planes, pack=pack).piece
        for pack in (False, True)
    }
    codecs = {pack: frame_pb2.Piece.FromString(piece).planes[0].codec for pack, piece in made.items()}
    assert codecs == {False: frame_pb2.CODEC_RAW, True: frame_pb2.CODEC_PACKED}
    assert len(made[True]) < len(made[False]) / 4
    for piece in made.values():
        np.testing.assert_array_equal(decode_piece(piece).planes[0].cells, counts)
