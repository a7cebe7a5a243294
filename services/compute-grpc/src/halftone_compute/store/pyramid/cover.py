"""How a tile is put together: from which stored tiles, and from the rows of which leaves. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from halftone_views.lattice import TILE

if TYPE_CHECKING:
    from halftone_views.lattice import Address

    from halftone_compute.store.index.leaves import Leaves
    from halftone_compute.store.pyramid.tiles import Level, Pyramid

_TILE_BITS = TILE.bit_length() - 1
# Cells of a stored tile that are read in the time of one row: `python -m bench.engine` measures both.
_CELLS_PER_ROW = 8
_NONE = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Cover:
    """Places of stored tiles in the directory, each of 2^-x_steps by 2^-y_steps of the tile, and some leaves whose rows
    are to be read: none of them lies in one of these tiles.
    """

    tiles: tuple[int, ...]
    x_steps: int
    y_steps: int
    leaves: np.ndarray

    @property
    def is_exact(self) -> bool:
        """Whether it is one stored tile as it lies."""
        return bool(self.tiles) and self.x_steps == self.y_steps == 0


def cover_of(address: Address, pyramid: Pyramid, leaves: Leaves, met: np.ndarray, planes: int = 1) -> Cover:
    """The cheapest cover of a tile of cells of both axes of the pair; `met` are the leaves that meet its box, `planes`
    is how many a tile has.
    """
    known = pyramid.place_of(address)
    if known is not None:
        return Cover((known,), 0, 0, _NONE)
    ex, ey = pyramid.base_of(address.ex, address.ey)
    level = pyramid.levels.get((ex, ey))
    rows_only = Cover((), 0, 0, met)
    if level is None or (ex, ey) == (address.ex, address.ey) or not len(met):
        return rows_only
    x_steps, y_steps = address.ex - ex, address.ey - ey
    inside = _inside(level, address, x_steps, y_steps)
    if not inside.any():
        return rows_only
    rest = met[~_are_in(leaves, met, level, inside, (ex, ey))]
    stored = np.count_nonzero(inside) * planes * TILE * TILE // _CELLS_PER_ROW
    if leaves.units[met].sum() <= stored + leaves.units[rest].sum():
        return rows_only
    return Cover(tuple(level.places[inside].tolist()), x_steps, y_steps, rest)


def _inside(level: Level, address: Address, x_steps: int, y_steps: int) -> np.ndarray:
    """bool of shape (tiles,): which tiles of a finer level lie in a tile."""
    inside: np.ndarray = (level.ix >> x_steps == address.ix) & (level.iy >> y_steps == address.iy)
    return inside


def _are_in(
    leaves: Leaves, met: np.ndarray, level: Level, inside: np.ndarray, exponents: tuple[int, int]
) -> np.ndarray:
    """bool of shape (leaves,): which of some leaves lie in one of the chosen tiles. None lies in a part of one."""
    xs, ys = _tiles_of(leaves, met, exponents)
    tiles = level.ix[inside].astype(np.float64) + 1j * level.iy[inside].astype(np.float64)
    with np.errstate(invalid="ignore"):
        found: np.ndarray = np.isin(xs + 1j * ys, tiles)
    return found


def lie_in(leaves: Leaves, address: Address) -> np.ndarray:
    """Some leaves: those that lie in a tile. None may lie in a part of it."""
    placed = np.arange(leaves.placed)
    xs, ys = _tiles_of(leaves, placed, (address.ex, address.ey))
    found: np.ndarray = placed[(xs == address.ix) & (ys == address.iy)]
    return found


def _tiles_of(leaves: Leaves, chosen: np.ndarray, exponents: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """float64 of shape (leaves,), on x and on y: the tile of a level in which each of some leaves begins."""
    with np.errstate(over="ignore", under="ignore"):
        xs, ys = (
            np.floor(np.ldexp(leaves.zones[name][0][chosen], -(exponent + _TILE_BITS)))
            for name, exponent in zip((leaves.x, leaves.y), exponents, strict=True)
        )
    return xs, ys
