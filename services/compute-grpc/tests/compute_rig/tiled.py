"""Versions with an index of small leaves, drawn from tiles that are made in the background and by a scan alone."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
from halftone_compute.backends.base import Cancel
from halftone_compute.backends.cpu.engine import CpuEngine
from halftone_compute.backends.engines import Engines
from halftone_compute.render.job import RenderJob
from halftone_compute.render.renderer import Renderer
from halftone_compute.store.versions import LocalStore
from halftone_views.lattice import Address
from halftone_wire import Piece, decode_piece

from compute_rig.indexed import write_indexed
from compute_rig.ordered import few_rows_a_leaf

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import pytest
    from halftone.v1 import compute_pb2, frame_pb2
    from halftone_compute.render.job import Place
    from halftone_compute.store.versions import GrantedVersion

LEAF = 64
CATEGORIES = 20
BYTES = 1 << 28
DEADLINE_S = 240.0


class Drawing:
    """A version with an index, and two renderers of it: one that makes things in the background, one that does not."""

    def __init__(
        self, folder: Path, columns: Mapping[str, np.ndarray], valid: Mapping[str, np.ndarray], room_bytes: int = BYTES
    ) -> None:
        self.made = write_indexed(folder, columns, valid, {"c": CATEGORIES})
        self.version: GrantedVersion = LocalStore(folder).open(self.made.grant())
        self.scanning = Renderer(Engines(CpuEngine()), 1 << 30)
        self.folder = folder / "cache"
        self.renderer = Renderer(Engines(CpuEngine()), 1 << 30, self.folder, room_bytes)

    def drawn(
        self, renderer: Renderer, plan: compute_pb2.Plan, places: Sequence[Place]
    ) -> tuple[list[Piece], frame_pb2.Receipt]:
        pieces: dict[bytes, Piece] = {}
        keyed = {index.to_bytes(16, "big"): place for index, place in enumerate(places)}
        job = RenderJob(self.made.grant(), self.version, plan, keyed)

        def emit(piece: compute_pb2.EncodedPiece) -> None:
            found = decode_piece(piece.piece)
            pieces[found.piece_id] = found

        receipt = renderer.render(job, Cancel(), emit)
        return [pieces[piece_id] for piece_id in keyed], receipt


class Scene(Drawing):
    """Rows at some points, with a value of great whole numbers, some of them missing, and with categories."""

    def __init__(self, folder: Path, x: np.ndarray, y: np.ndarray, *, room_bytes: int = BYTES) -> None:
        rng = np.random.default_rng(9)
        rows = len(x)
        valid = rng.random(rows) < 0.9
        columns = {
            "x": x,
            "y": y,
            "v": np.where(valid, rng.integers(-5, 1000, rows) * 2**45 + 1, 0),
            "c": rng.geometric(0.2, rows).clip(1, CATEGORIES).astype(np.int32) - 1,
        }
        super().__init__(folder, columns, {"v": valid}, room_bytes)
        self.x, self.y = x, y

    def drawn_from_tiles(self, plan: compute_pb2.Plan, tile: Address) -> frame_pb2.Receipt:
        """Asks for a stored tile until it reads no row."""
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            _, receipt = self.drawn(self.renderer, plan, [tile])
            if receipt.tiles_read:
                return receipt
            time.sleep(0.01)
        raise AssertionError("the tiles were not made")

    def stored(self) -> list[Address]:
        index = self.version.index
        assert index is not None
        directory = index.pyramid().directory
        return [Address(*(int(entry[name]) for name in ("ex", "ix", "ey", "iy"))) for entry in directory]

    def around(self, row: int, ex: int, ey: int) -> Address:
        """The tile of a level that holds a row."""
        ix, iy = (int(np.floor(np.ldexp(values[row], -(e + 8)))) for values, e in ((self.x, ex), (self.y, ey)))
        return Address(ex, ix, ey, iy)

    def tiles(self) -> Iterator[Address]:
        """Stored ones, their neighbours in all directions and levels, and stretched ones."""
        rng = np.random.default_rng(2)
        stored = self.stored()
        for _ in range(8):
            tile = stored[rng.integers(len(stored))]
            yield tile
            dx, dy = rng.integers(-3, 4, 2).tolist()
            yield self.around(int(rng.integers(len(self.x))), tile.ex + dx, tile.ey + dy)


def few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves are so small that some thousand rows have many tiles, and a tile is read rather than rows."""
    few_rows_a_leaf(monkeypatch, LEAF)
    monkeypatch.setattr("halftone_compute.store.pyramid.cover._CELLS_PER_ROW", 256 * 256)
    # Other tests keep the processors busy.
    monkeypatch.setattr("halftone_compute.render.background.room._NICENESS", 0)


def assert_same(mine: Sequence[Piece], others: Sequence[Piece]) -> None:
    for piece, other in zip(mine, others, strict=True):
        assert [(plane.role, plane.category) for plane in piece.planes] == [
            (plane.role, plane.category) for plane in other.planes
        ]
        for plane, expected in zip(piece.planes, other.planes, strict=True):
            np.testing.assert_allclose(plane.cells, expected.cells, rtol=0 if is_whole(plane.cells) else 1e-9)


def is_whole(cells: np.ndarray) -> bool:
    return cells.dtype.kind in "iu"
