"""Stored tiles by address and by level."""

from __future__ import annotations

import numpy as np
import pytest
from halftone.v1 import frame_pb2
from halftone_compute.store.index.entry import DIRECTORY
from halftone_compute.store.pyramid.tiles import Pyramid
from halftone_views.lattice import TILE, Address
from halftone_wire import Plane, encode

OFFSET = 2
# Square levels (k + 2, k) and those twice as long on x, up to the square one of k = 3.
LEVELS = [(k + OFFSET + wider, k) for k in range(4) for wider in (0, 1) if (k, wider) != (3, 1)]


@pytest.fixture
def pyramid() -> Pyramid:
    entries: list[tuple[int, ...]] = []
    data = b""
    for ex, ey in LEVELS:
        for iy, ix in ((-1, 4), (0, -3), (0, 5)):
            tile = frame_pb2.Piece(planes=[encode(_plane(len(entries)))]).SerializeToString()
            entries.append((ex, ey, ix, iy, len(data), len(tile), 9))
            data += tile
    return Pyramid(OFFSET, np.array(entries, DIRECTORY), np.frombuffer(data, np.uint8))


def test_each_tile_has_its_place_and_its_planes(pyramid: Pyramid) -> None:
    for place, entry in enumerate(pyramid.directory.tolist()):
        ex, ey, ix, iy, start, size, _ = entry
        assert pyramid.place_of(Address(ex, ix, ey, iy)) == place
        assert pyramid.bytes_of(place) == pyramid.data[start : start + size].tobytes()
        [plane] = pyramid.planes_of(place)
        np.testing.assert_array_equal(plane.cells, _plane(place).cells)
    assert pyramid.place_of(Address(2, 5, 0, -1)) is None


def test_levels_hold_their_tiles(pyramid: Pyramid) -> None:
    assert list(pyramid.levels) == LEVELS
    level = pyramid.levels[4, 1]
    assert (level.ix.tolist(), level.iy.tolist()) == ([4, -3, 5], [-1, 0, 0])
    assert [pyramid.directory[["ex", "ey"]][place].tolist() for place in level.places] == [(4, 1)] * 3


@pytest.mark.parametrize("ey", range(-3, 7))
@pytest.mark.parametrize("ex", range(-3, 10))
def test_the_base_of_a_level_is_the_coarsest_that_it_can_be_made_of(pyramid: Pyramid, ex: int, ey: int) -> None:
    found = pyramid.base_of(ex, ey)
    finer = [(x, y) for x, y in LEVELS if x <= ex and y <= ey]
    if finer:
        assert found == max(finer, key=lambda level: (level[1], level[0]))
    else:
        assert found not in pyramid.levels


def test_no_tiles() -> None:
    empty = Pyramid(0, np.empty(0, DIRECTORY), np.empty(0, np.uint8))
    assert (empty.levels, empty.base_of(3, 4)) == ({}, (3, 4))
    assert empty.place_of(Address(0, 0, 0, 0)) is None


def _plane(number: int) -> Plane:
    cells = np.random.default_rng(number).integers(0, 300, (TILE, TILE)).astype(np.uint32)
    return Plane(frame_pb2.PLANE_ROLE_COUNT, cells)
