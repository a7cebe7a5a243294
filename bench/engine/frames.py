"""What a frame costs here: from its tiles to encoded pieces, in one thread."""

from __future__ import annotations

import time
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

import datashader as ds
import numpy as np
from datashader import transfer_functions
from halftone_compute.backends.base import Cancel
from halftone_compute.backends.cpu.engine import CpuEngine
from halftone_compute.backends.engines import Engines
from halftone_compute.render.job import RenderJob
from halftone_compute.render.renderer import Renderer
from halftone_views.lattice import TILE
from halftone_wire import decode_piece

from bench.engine.gestures import PLAN, Look
from bench.engine.imported import GRANT

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from halftone.v1 import compute_pb2, frame_pb2
    from halftone_compute.store.versions import GrantedVersion


@dataclass(frozen=True)
class Frame:
    """`ms` is processor time of the thread, so that other work on the machine matters less."""

    ms: float
    pieces: list[compute_pb2.EncodedPiece]
    receipt: frame_pb2.Receipt

    @property
    def bytes(self) -> int:
        return sum(len(piece.piece) for piece in self.pieces)


class Drawer:
    """Draws the views of one version on one core. With a folder, the background makes things as in the product."""

    def __init__(self, version: GrantedVersion, folder: Path | None = None, room_bytes: int = 0) -> None:
        self._version = version
        self._renderer = Renderer(Engines(CpuEngine()), 1 << 30, folder, room_bytes)

    def close(self) -> None:
        self._renderer.close()

    def wait_for_background(self, seconds: float) -> None:
        """Until nothing is being made in the background. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while self._renderer.is_making:
            if time.monotonic() > deadline:
                raise TimeoutError("the background is not done")
            time.sleep(0.1)

    def frame(self, look: Look) -> Frame:
        places = {index.to_bytes(16, "big"): tile for index, tile in enumerate(look.tiles)}
        job = RenderJob(GRANT, self._version, PLAN, places, packs=True)
        pieces: list[compute_pb2.EncodedPiece] = []
        started = time.thread_time()
        receipt = self._renderer.render(job, Cancel(), pieces.append)
        return Frame((time.thread_time() - started) * 1000, pieces, receipt)

    def grid(self, look: Look) -> np.ndarray:
        """All tiles of a view as one grid of counts."""
        width, height = look.cells
        grid = np.zeros((height, width), np.uint64)
        first = look.tiles[0]
        by_id = {piece.piece_id: decode_piece(piece.piece) for piece in self.frame(look).pieces}
        for index, tile in enumerate(look.tiles):
            left, low = (tile.ix - first.ix) * TILE, (tile.iy - first.iy) * TILE
            grid[low : low + TILE, left : left + TILE] = by_id[index.to_bytes(16, "big")].planes[0].cells
        return grid


def datashader_grid(frame: pd.DataFrame, look: Look) -> np.ndarray:
    """The same grid by `Canvas.points`, of the half-open box."""
    x0, x1, y0, y1 = look.box
    inside = frame[(frame["x"] >= x0) & (frame["x"] < x1) & (frame["y"] >= y0) & (frame["y"] < y1)]
    width, height = look.cells
    grid: np.ndarray = ds.Canvas(width, height, (x0, x1), (y0, y1)).points(inside, "x", "y", ds.count()).data
    return grid


def png_bytes(grid: np.ndarray) -> int:
    """What Pillow makes of Datashader's picture of a grid."""
    import xarray as xr

    shaded = transfer_functions.shade(xr.DataArray(grid.astype(np.uint32), dims=("y", "x")), how="eq_hist")
    out = BytesIO()
    shaded.to_pil().save(out, "PNG")
    return len(out.getvalue())
