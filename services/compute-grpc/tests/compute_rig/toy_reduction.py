"""Draws with a reduction that Halftone does not have: `python -m compute_rig.toy_reduction`, with its file on the path.

Both engines make tiles and a free viewport of `range`, and `Draw` a file; each is compared with NumPy, cell by cell.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from google.protobuf.struct_pb2 import Struct
from halftone.v1 import compute_pb2, frame_pb2
from halftone_compute.backends.base import Cancel, FreeRegion, LatticeRegion
from halftone_compute.backends.card import CardEngine
from halftone_compute.backends.cpu.engine import CpuEngine
from halftone_compute.backends.engines import Engines
from halftone_compute.render.job import RenderJob, job_from_view, table_of
from halftone_compute.render.renderer import Renderer
from halftone_compute.serve.draw import drawing
from halftone_views import resolve, validate_options
from halftone_wire import decode_piece, finish

from compute_rig.cells import place
from compute_rig.host_device import HostDevice
from compute_rig.memory import MemoryVersion
from compute_rig.rows import GRANT
from compute_rig.tokens import VERSION

if TYPE_CHECKING:
    from halftone_compute.backends.base import Engine
    from halftone_views.lattice import Address

    from compute_rig.cells import Region

EXTENT = frame_pb2.Extent(x0=-4, x1=5, y0=0.25, y1=7)
OPTIONS = {"x": "x", "y": "y", "reduction": "range", "value": "v"}
WIDTH, HEIGHT = 37, 23


def rows() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(7)
    values = rng.normal(size=20_000).astype("f4")
    values[::10] = np.nan
    return {
        "x": (rng.integers(-160, 200, 20_000) / 32).astype("f4"),
        "y": rng.integers(-64, 512, 20_000) / 64,
        "v": values,
    }


def expected(columns: dict[str, np.ndarray], region: Region) -> np.ndarray:
    """The greatest value of each cell less the least, NaN where there is none."""
    inside, at = place(region, columns)
    has = inside & ~np.isnan(columns["v"])
    least, greatest = (np.full(region.width * region.height, bound) for bound in (np.inf, -np.inf))
    np.minimum.at(least, at[has], columns["v"][has])
    np.maximum.at(greatest, at[has], columns["v"][has])
    found = np.where(np.isinf(least), np.nan, greatest - least)
    assert np.nanmax(found) > 1
    return found.reshape(region.height, region.width)


def region_of(where: Address | None) -> Region:
    if where is None:
        return FreeRegion(EXTENT.x0, EXTENT.x1, EXTENT.y0, EXTENT.y1, WIDTH, HEIGHT)
    return LatticeRegion(where.ex, where.ix * 256.0, where.ey, where.iy * 256.0, 256, 256)


def rendered(engine: Engine, job: RenderJob) -> list[bytes]:
    pieces: list[compute_pb2.EncodedPiece] = []
    Renderer(Engines(engine), 1 << 30).render(job, Cancel(), pieces.append)
    return [piece.piece for piece in pieces]


def check(engine: Engine, version: MemoryVersion, columns: dict[str, np.ndarray]) -> None:
    for exact in (False, True):
        viewport = frame_pb2.Viewport(extent=EXTENT, width=WIDTH, height=HEIGHT, exact_viewport=exact)
        resolved = resolve(validate_options("points", OPTIONS), table_of(version), viewport, "")
        for piece, where in zip(
            rendered(engine, job_from_view(resolved, GRANT, version)), resolved.addresses or [None], strict=True
        ):
            grid = finish(resolved.quantity, decode_piece(piece).planes)
            np.testing.assert_array_equal(grid, expected(columns, region_of(where)))


def check_draw(engine: Engine, version: MemoryVersion, columns: dict[str, np.ndarray]) -> None:
    options = Struct()
    options.update(OPTIONS)
    viewport = frame_pb2.Viewport(extent=EXTENT, width=WIDTH, height=HEIGHT)
    request = compute_pb2.DrawRequest(
        kind="points", options=options, viewport=viewport, format=compute_pb2.DRAW_FORMAT_NPY
    )
    drawn = drawing(request, GRANT, version)
    (piece,) = rendered(engine, drawn.job)
    np.testing.assert_array_equal(np.load(io.BytesIO(drawn.file(piece))), expected(columns, region_of(None)))
    assert drawn.last(frame_pb2.Receipt()).quantity.label == "Range of v"


def main() -> None:
    """Raises AssertionError where a number differs."""
    columns = rows()
    version = MemoryVersion(VERSION, columns, block_rows=3000)
    for engine in (CpuEngine(), CardEngine(HostDevice(), 1 << 28)):
        check(engine, version, columns)
        check_draw(engine, version, columns)
        print(f"{engine.name}: equal")


if __name__ == "__main__":
    main()
