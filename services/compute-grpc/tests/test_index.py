"""Pictures of a real table in order, a cut of the land of the globe, against NumPy on the mask as it lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from compute_rig.rows import plan_of
from halftone_compute.backends.base import Cancel
from halftone_compute.backends.cpu.engine import CpuEngine
from halftone_compute.backends.engines import Engines
from halftone_compute.ingest.sandbox.convert import convert
from halftone_compute.ingest.sandbox.messages import ConvertRequest, OrderRequest
from halftone_compute.ingest.sandbox.order import order
from halftone_compute.render.job import RenderJob
from halftone_compute.render.renderer import Renderer
from halftone_compute.store.versions import LocalStore
from halftone_servicekit.tokens import Grant
from halftone_views.lattice import Viewport, level_for, tiles_for
from halftone_wire import decode_piece

from bench.land.mask import BAND_ROWS, HEIGHT, WIDTH, bands, points, write_parquet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from halftone.v1 import compute_pb2
    from halftone_compute.store.versions import GrantedVersion
    from halftone_views.lattice import Address

# Iceland: cells from the north pole, and from the date line on.
ROWS, COLUMNS = (2_760, 3_240), (18_600, 20_040)
GRANT = Grant("someone", "d", "v", "version/manifest.json", frozenset("*"), "", "view", 4e9)
ZOOMS = {
    "the island": Viewport(-25.0, -13.0, 63.0, 67.0, 800, 600),
    "the north": Viewport(-20.0, -16.0, 65.0, 66.5, 800, 600),
    "a fjord": Viewport(-18.3, -18.0, 65.7, 65.9, 800, 600),
}


def cut() -> Iterator[tuple[int, np.ndarray]]:
    for row, land in bands(*ROWS):
        inside = np.zeros_like(land)
        inside[:, slice(*COLUMNS)] = land[:, slice(*COLUMNS)]
        yield row, inside


@pytest.fixture(scope="module")
def land() -> tuple[np.ndarray, np.ndarray]:
    """Longitude and latitude of the middle of each cell of land, out of the mask as it lies."""
    rows, columns = np.nonzero(np.concatenate([inside for _, inside in cut()]))
    lon = -180 + (2 * columns + 1) / 240
    lat = 90 - (2 * (ROWS[0] + rows) + 1) / 240
    return lon.astype(np.float32).astype(np.float64), lat.astype(np.float32).astype(np.float64)


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> GrantedVersion:
    root = tmp_path_factory.mktemp("land")
    folder, source = root / "version", root / "source"
    folder.mkdir()
    write_parquet(source, cut())
    convert(ConvertRequest(source, "parquet", folder, "d", "v", 1 << 40), lambda _: None)
    order(OrderRequest(folder, 0), lambda _: None)
    return LocalStore(root).open(GRANT)


def drawn(version: GrantedVersion, view: Viewport) -> Iterator[tuple[Address, np.ndarray]]:
    """The tiles of a viewport: where each lies, and its counts."""
    plan = plan_of("count")
    plan.x.column, plan.y.column = "lon", "lat"
    tiles = tiles_for(view, *level_for(view), plan.glyph)
    pieces: dict[bytes, compute_pb2.EncodedPiece] = {}
    job = RenderJob(GRANT, version, plan, {str(place).encode(): tile for place, tile in enumerate(tiles)})
    Renderer(Engines(CpuEngine()), 1 << 30).render(job, Cancel(), lambda piece: pieces.update({piece.piece_id: piece}))
    for piece_id, tile in zip(job.places, tiles, strict=True):
        yield tile, decode_piece(pieces[piece_id].piece).planes[0].cells


@pytest.mark.parametrize("zoom", ZOOMS)
def test_pictures_are_numpys(version: GrantedVersion, land: tuple[np.ndarray, np.ndarray], zoom: str) -> None:
    assert version.rows == len(land[0]) > 150_000
    assert version.index is not None
    total = 0
    for tile, cells in drawn(version, ZOOMS[zoom]):
        edges = [
            np.ldexp(np.arange(index * 256, index * 256 + 257, dtype=np.float64), exponent)
            for index, exponent in ((tile.iy, tile.ey), (tile.ix, tile.ex))
        ]
        # NumPy's last bin has both its edges.
        inside = (land[1] < edges[0][-1]) & (land[0] < edges[1][-1])
        expected, _, _ = np.histogram2d(land[1][inside], land[0][inside], edges)
        np.testing.assert_array_equal(cells, expected)
        total += int(expected.sum())
    assert total > 0


def test_bands_are_rows_of_the_globe() -> None:
    found = list(bands(BAND_ROWS + 3, 2 * BAND_ROWS + 5))
    assert [(row, land.shape) for row, land in found] == [
        (BAND_ROWS + 3, (BAND_ROWS - 3, WIDTH)),
        (2 * BAND_ROWS, (5, WIDTH)),
    ]


def test_points_are_the_middles_of_cells() -> None:
    land = np.zeros((2, WIDTH), np.bool_)
    land[0, 0] = land[1, WIDTH - 1] = True
    lon, lat = points(HEIGHT - 2, land)
    np.testing.assert_allclose(lon, [-180 + 1 / 240, 180 - 1 / 240])
    np.testing.assert_allclose(lat, [-90 + 3 / 240, -90 + 1 / 240])
    assert lon.dtype == lat.dtype == np.float32
