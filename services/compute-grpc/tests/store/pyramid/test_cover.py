"""Covers of tiles: stored tiles and leaves that hold each row of the tile once, at the least cost."""

from __future__ import annotations

import math

import numpy as np
import pytest
from compute_rig.ordered import few_rows_a_leaf
from halftone_compute.store.index.entry import DIRECTORY
from halftone_compute.store.index.leaves import Box, Leaves
from halftone_compute.store.pyramid import cover
from halftone_compute.store.pyramid.cover import Cover, cover_of
from halftone_compute.store.pyramid.tiles import Pyramid
from halftone_views.lattice import TILE, Address, extent_of

LEAF = 30_000
# A leaf of these rows lies in each square of 4 by 4 tiles of the level (0, 0), row by row.
ROWS = [9000] * 16
STORED = [(0, 0), (1, 0), (0, 1), (3, 3)]


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    few_rows_a_leaf(monkeypatch, LEAF)


def leaves(rows: list[int] = ROWS) -> Leaves:
    at = [(ix * TILE + 1.0, iy * TILE + 1.0) for iy in range(4) for ix in range(4)]
    x, y = (np.array(values) for values in zip(*at, strict=True))
    return Leaves(np.cumsum([0, *rows]), 16, "x", "y", {"x": (x, x + 254), "y": (y, y + 254)})


def pyramid(*tiles: tuple[int, int, int, int]) -> Pyramid:
    """Of tiles (ex, ey, ix, iy)."""
    entries = sorted(((*tile, 0, 0, 9) for tile in tiles), key=lambda entry: (entry[1], entry[0], entry[3], entry[2]))
    return Pyramid(0, np.array(entries, DIRECTORY), np.empty(0, np.uint8))


def box(address: Address) -> Box:
    """What lies in a tile, whose upper edges are those of its neighbours."""
    x0, x1, y0, y1 = extent_of(address)
    return Box("x", x0, math.nextafter(x1, -math.inf), "y", y0, math.nextafter(y1, -math.inf))


def covered(address: Address, tiles: Pyramid, known: Leaves) -> Cover:
    return cover_of(address, tiles, known, known.meeting([box(address)]))


FINE = pyramid(*((0, 0, *at) for at in STORED))


def test_a_stored_tile_is_its_own_cover() -> None:
    found = covered(Address(0, 1, 0, 0), FINE, leaves())
    assert (found.tiles, found.is_exact, len(found.leaves)) == ((1,), True, 0)


def test_finer_tiles_and_the_leaves_beside_them() -> None:
    found = covered(Address(2, 0, 2, 0), FINE, leaves())
    assert ((found.x_steps, found.y_steps), found.is_exact) == ((2, 2), False)
    tiles = {tuple(FINE.directory[["ix", "iy"]][place].tolist()) for place in found.tiles}
    assert tiles == set(STORED)
    # Each square is a tile or a leaf, never both.
    in_leaves = {(leaf % 4, leaf // 4) for leaf in found.leaves.tolist()}
    assert in_leaves == {(ix, iy) for ix in range(4) for iy in range(4)} - set(STORED)


@pytest.mark.parametrize(("ex", "ey", "squares"), [(1, 1, 4), (2, 1, 8), (1, 2, 8), (2, 0, 4)])
def test_other_shapes_of_cells(ex: int, ey: int, squares: int) -> None:
    found = covered(Address(ex, 0, ey, 0), FINE, leaves())
    assert len(found.tiles) + len(found.leaves) == squares
    assert len(found.tiles) == len([1 for ix, iy in STORED if ix >> ex == 0 and iy >> ey == 0])


@pytest.mark.parametrize(
    "address", [Address(-1, 0, -1, 0), Address(-1, 1, 0, 0), Address(0, 2, 0, 2), Address(1, 1, 1, 0)]
)
def test_a_tile_without_stored_ones_in_it_is_read_from_rows(address: Address) -> None:
    known = leaves()
    found = covered(address, FINE, known)
    assert (found.tiles, found.is_exact) == ((), False)
    assert found.leaves.tolist() == known.meeting([box(address)]).tolist()
    assert len(found.leaves)


def test_no_tiles_at_all() -> None:
    found = covered(Address(2, 0, 2, 0), pyramid(), leaves())
    assert (found.tiles, found.leaves.tolist()) == ((), list(range(16)))


def test_the_cheaper_cover_is_chosen() -> None:
    """Cells of a stored tile cost as many rows as they are read in the time of."""
    cost = TILE * TILE // cover._CELLS_PER_ROW
    one = pyramid((0, 0, 1, 1))
    for rows, is_tile in ((cost, False), (cost + 1, True)):
        found = covered(Address(2, 0, 2, 0), one, leaves([100] * 5 + [rows] + [100] * 10))
        assert bool(found.tiles) is is_tile
        assert found.leaves.tolist() == [leaf for leaf in range(16) if not (is_tile and leaf == 5)]


def test_many_rows_at_one_point_cost_as_one() -> None:
    found = covered(Address(2, 0, 2, 0), pyramid((0, 0, 1, 1)), leaves([100] * 5 + [LEAF + 1] + [100] * 10))
    assert (found.tiles, len(found.leaves)) == ((), 16)
