"""The views of a person who zooms and pans, and stretched ones, as the pieces that they need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from halftone.v1 import compute_pb2
from halftone_views.lattice import TILE, Viewport, extent_of, level_for, tiles_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from halftone_views.lattice import Address

WIDTH, HEIGHT = 1024, 768
_LINEAR = compute_pb2.TRANSFORM_LINEAR
PLAN = compute_pb2.Plan(
    glyph=compute_pb2.GLYPH_POINTS,
    x=compute_pb2.Axis(column="x", transform=_LINEAR),
    y=compute_pb2.Axis(column="y", transform=_LINEAR),
    accumulators=[compute_pb2.ACCUMULATOR_COUNT],
)


@dataclass(frozen=True)
class Look:
    """A viewport, and the tiles that its frame needs."""

    viewport: Viewport
    tiles: tuple[Address, ...]

    @property
    def box(self) -> tuple[float, float, float, float]:
        """(x0, x1, y0, y1) of all tiles together: what a peer draws, a pixel a cell."""
        (x0, _, y0, _), (_, x1, _, y1) = extent_of(self.tiles[0]), extent_of(self.tiles[-1])
        return x0, x1, y0, y1

    @property
    def cells(self) -> tuple[int, int]:
        """Cells of that box on x and y."""
        first, last = self.tiles[0], self.tiles[-1]
        return (last.ix - first.ix + 1) * TILE, (last.iy - first.iy + 1) * TILE


def look(x: float, y: float, width: float, height: float) -> Look:
    """The view around a point."""
    viewport = Viewport(x - width / 2, x + width / 2, y - height / 2, y + height / 2, WIDTH, HEIGHT)
    tiles = tiles_for(viewport, *level_for(viewport), PLAN.glyph)
    return Look(viewport, tuple(tiles))


def mixed(count: int, seed: int = 5) -> Iterator[Look]:
    """From the whole down to a ten thousandth of it, with pans on the way; `count` views."""
    rng = np.random.default_rng(seed)
    for _ in range(count // 4):
        width = 8.0 * 10.0 ** -rng.uniform(0, 4)
        x, y = rng.normal(size=2) * 0.7
        for step in range(4):
            yield look(x + step * width / 10, y + step * width / 20, width, width * HEIGHT / WIDTH)


def stretched(factor: float, seed: int = 6) -> Iterator[Look]:
    """Views whose x, and then whose y, is that many times finer than the other axis."""
    rng = np.random.default_rng(seed)
    for _ in range(3):
        x, y = rng.normal(size=2) * 0.5
        yield look(x, 0.0, 8.0 / factor, 6.0)
        yield look(0.0, y, 8.0, 6.0 / factor)
