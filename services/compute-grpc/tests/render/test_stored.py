"""Pictures of an indexed version equal an exact count of all rows, and read few of them, however these are spread."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from compute_rig.indexed import write_indexed
from compute_rig.rows import plan_of
from halftone_compute.backends.base import Cancel
from halftone_compute.backends.cpu.engine import CpuEngine
from halftone_compute.backends.engines import Engines
from halftone_compute.render.background.room import BackgroundRoom
from halftone_compute.render.background.tile_sets import TileSets
from halftone_compute.render.job import RenderJob
from halftone_compute.render.read.rows import RowReader
from halftone_compute.render.renderer import Renderer
from halftone_compute.render.stored import BACKEND, StoredTiles
from halftone_compute.store.index import LEAF_ROWS
from halftone_compute.store.versions import LocalStore
from halftone_views.lattice import Address, Viewport, level_for, tiles_for
from halftone_wire import decode_piece

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from halftone.v1 import compute_pb2, frame_pb2
    from halftone_compute.render.planner import PiecePlanes
    from halftone_compute.store.versions import GrantedVersion

ROWS = 300_000
RNG = np.random.default_rng(12)
Points = tuple[np.ndarray, np.ndarray]


def normal() -> Points:
    return RNG.normal(size=ROWS).astype("f4"), RNG.normal(size=ROWS)


def one_point() -> Points:
    """Nearly all rows at one point, and few around it."""
    x, y = RNG.random(ROWS), RNG.random(ROWS)
    x[1000:], y[1000:] = 0.25, 0.75
    return x, y


def line() -> Points:
    return np.full(ROWS, 3.5), RNG.random(ROWS)


def clusters() -> Points:
    centre = RNG.random((ROWS // 10, 2)) * 1e4
    chosen = centre[RNG.integers(0, len(centre), ROWS)] + RNG.normal(size=(ROWS, 2)) * 1e-3
    return chosen[:, 0], chosen[:, 1]


def fractal() -> Points:
    at = RNG.random((ROWS, 2))
    for _ in range(24):
        at = np.where(RNG.random((ROWS, 1)) < 0.5, at / 2, (at + np.array([1, 0])) / 2)
    return at[:, 0], at[:, 1]


def far_outlier() -> Points:
    x, y = RNG.random(ROWS), RNG.random(ROWS)
    x[0], y[0] = 1e300, -1e300
    return x, y


def whole_numbers() -> Points:
    return RNG.integers(-500, 500, ROWS).astype("i4"), RNG.integers(0, 40, ROWS).astype("i2")


SPREADS = [normal, one_point, line, clusters, fractal, far_outlier, whole_numbers]


class Scene:
    def __init__(self, folder: Path, points: Points, offset: int) -> None:
        self.x, self.y = (values.astype(np.float64) for values in points)
        self.v = RNG.normal(size=ROWS)
        made = write_indexed(folder, {"x": points[0], "y": points[1], "v": self.v}, offset=offset)
        self.made = made
        self.version: GrantedVersion = LocalStore(folder).open(made.grant())
        self.renderer = Renderer(Engines(CpuEngine()), 1 << 30)

    def drawn(
        self, *places: Address | Viewport, reduction: str = "count"
    ) -> tuple[list[list[np.ndarray]], frame_pb2.Receipt]:
        pieces: dict[bytes, list[np.ndarray]] = {}
        keyed = {index.to_bytes(16, "big"): place for index, place in enumerate(places)}
        job = RenderJob(self.made.grant(), self.version, plan_of(reduction), keyed)

        def emit(piece: compute_pb2.EncodedPiece) -> None:
            found = decode_piece(piece.piece)
            pieces[found.piece_id] = [plane.cells for plane in found.planes]

        receipt = self.renderer.render(job, Cancel(), emit)
        return [pieces[piece_id] for piece_id in keyed], receipt

    def counted(self, tile: Address) -> np.ndarray:
        """Exact counts of a tile of cells that float64 tells apart."""
        with np.errstate(over="ignore"):
            ix, iy = (np.floor(np.ldexp(values, -e)) for values, e in ((self.x, tile.ex), (self.y, tile.ey)))
        ix, iy = ix - tile.ix * 256, iy - tile.iy * 256
        inside = (ix >= 0) & (ix < 256) & (iy >= 0) & (iy < 256)
        cells = np.zeros((256, 256), np.int64)
        np.add.at(cells, (iy[inside].astype(int), ix[inside].astype(int)), 1)
        return cells

    def around(self, row: int, ex: int, ey: int) -> Address:
        """The tile of a level that holds a row."""
        ix, iy = (int(np.floor(np.ldexp(values[row], -(e + 8)))) for values, e in ((self.x, ex), (self.y, ey)))
        return Address(ex, ix, ey, iy)

    def tiles(self) -> Iterator[Address]:
        """Tiles of stored levels and their neighbours, stretched ones, and very fine ones."""
        directory = self.version.index.pyramid().directory if self.version.index else np.empty(0)
        for _ in range(12):
            row = int(RNG.integers(ROWS))
            if len(directory):
                entry = directory[RNG.integers(len(directory))]
                steps = RNG.integers(-2, 4, 2)
                yield self.around(row, int(entry["ex"] + steps[0]), int(entry["ey"] + steps[1]))
            fine, stretch = int(RNG.integers(-30, 3)), int(RNG.integers(-14, 15))
            yield self.around(row, fine, fine)
            yield self.around(row, fine, fine + stretch)


@pytest.mark.parametrize("offset", [0, -3, 5])
@pytest.mark.parametrize("spread", SPREADS, ids=lambda spread: spread.__name__)
def test_every_tile_is_exact(tmp_path: Path, spread: Callable[[], Points], offset: int) -> None:
    scene = Scene(tmp_path, spread(), offset)
    for tile in scene.tiles():
        ((cells,),), _ = scene.drawn(tile)
        np.testing.assert_array_equal(cells, scene.counted(tile), err_msg=str(tile))


@pytest.mark.parametrize("spread", SPREADS, ids=lambda spread: spread.__name__)
def test_what_a_picture_reads_is_bounded_however_rows_are_spread(tmp_path: Path, spread: Callable[[], Points]) -> None:
    scene = Scene(tmp_path, spread(), 0)
    index = scene.version.index
    assert index is not None
    levels = sorted(index.pyramid().levels)
    finest = min((ey for _, ey in levels), default=0)
    for ey in range(finest - 12, finest + 14):
        for ex in (ey, ey + 1):
            tile = scene.around(int(RNG.integers(ROWS)), ex, ey)
            _, receipt = scene.drawn(tile)
            # Above the coarsest level, at most the four tiles around the origin make one.
            most = 1 if not levels or ey <= levels[-1][1] else 4
            assert receipt.rows_scanned <= most * LEAF_ROWS
            assert receipt.tiles_read <= most


def test_tiles_are_handed_on_as_soon_as_they_fill_the_memory_of_a_picture(tmp_path: Path) -> None:
    scene = Scene(tmp_path, clusters(), 0)
    places = {str(tile).encode(): tile for tile in scene.tiles()}
    job = RenderJob(scene.made.grant(), scene.version, plan_of("count"), places)
    [whole] = stored(1 << 30).gather(job, Cancel())
    of_one_tile = 256 * 256 * 4
    parts = list(stored(of_one_tile).gather(job, Cancel()))
    assert len(parts) > 1
    assert [piece_id for part in parts for piece_id in part.pieces] == list(whole.pieces)
    assert [sum(part.rows for part in parts), sum(part.tiles for part in parts)] == [whole.rows, whole.tiles]
    for part in parts:
        sizes = [len(_bytes(planes)) for planes in part.pieces.values()]
        assert sum(sizes[:-1]) < of_one_tile
        for piece_id, planes in part.pieces.items():
            assert _bytes(planes) == _bytes(whole.pieces[piece_id])


def stored(most_bytes: int) -> StoredTiles:
    rows = RowReader(Engines(CpuEngine()), most_bytes)
    return StoredTiles(rows, TileSets(rows, BackgroundRoom(None, 0)))


def _bytes(planes: PiecePlanes) -> bytes:
    return planes if isinstance(planes, bytes) else b"".join(plane.cells.tobytes() for plane in planes)


def test_a_tile_as_it_lies_reads_no_row(tmp_path: Path) -> None:
    scene = Scene(tmp_path, normal(), 0)
    index = scene.version.index
    assert index is not None
    entry = index.pyramid().directory[-1]
    tile = Address(*(int(entry[name]) for name in ("ex", "ix", "ey", "iy")))
    ((cells,),), receipt = scene.drawn(tile)
    assert (receipt.rows_scanned, receipt.tiles_read, receipt.backend) == (0, 1, BACKEND)
    assert cells.sum() == entry["rows"] == scene.counted(tile).sum()


def test_a_tile_without_rows_reads_nothing(tmp_path: Path) -> None:
    scene = Scene(tmp_path, line(), 0)
    ((cells,),), receipt = scene.drawn(Address(-10, 90, -10, 0))
    assert (bool(cells.any()), receipt.rows_scanned, receipt.tiles_read, receipt.backend) == (False, 0, 0, BACKEND)


def test_rows_at_one_point_are_counted_unread_in_free_viewports_too(tmp_path: Path) -> None:
    scene = Scene(tmp_path, one_point(), 0)
    ((cells,),), receipt = scene.drawn(Viewport(0.0, 1.0, 0.0, 1.0, 37, 23, exact=True))
    assert cells.sum() == ROWS
    assert cells.max() >= ROWS - 1000
    assert receipt.rows_scanned == 1000


@pytest.mark.parametrize("spread", [normal, one_point, clusters], ids=lambda spread: spread.__name__)
def test_other_reductions_read_only_rows_near_them(tmp_path: Path, spread: Callable[[], Points]) -> None:
    scene = Scene(tmp_path, spread(), 0)
    x, y = np.median(scene.x), np.median(scene.y)
    width, height = np.ptp(scene.x) / 50, np.ptp(scene.y) / 50
    view = Viewport(x - width, x + width, y - height, y + height, 40, 30)
    ex, ey = level_for(view)
    for tile in tiles_for(view, ex, ey, plan_of("sum").glyph):
        ((counts, valid, sums),), receipt = scene.drawn(tile, reduction="sum")
        expected = scene.counted(tile)
        np.testing.assert_array_equal(counts, expected)
        np.testing.assert_array_equal(valid, expected)
        inside = rows_of(scene, tile)
        assert np.isclose(sums.sum(), scene.v[inside].sum(), atol=1e-6 * ROWS)
        if spread is normal:
            assert receipt.rows_scanned < ROWS / 2


def rows_of(scene: Scene, tile: Address) -> np.ndarray:
    """Which rows lie in a tile."""
    with np.errstate(over="ignore"):
        ix, iy = (np.floor(np.ldexp(values, -e - 8)) for values, e in ((scene.x, tile.ex), (scene.y, tile.ey)))
    inside: np.ndarray = (ix == tile.ix) & (iy == tile.iy)
    return inside
