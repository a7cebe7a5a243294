"""One table, and every way that the product has to draw it: scans, the index, and what is made in the background."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from halftone_compute.backends.base import Cancel
from halftone_compute.backends.cpu.engine import CpuEngine
from halftone_compute.backends.engines import Engines
from halftone_compute.render.job import job_from_fetch
from halftone_compute.render.renderer import Renderer
from halftone_compute.store.versions import LocalStore
from halftone_wire import decode_piece

from compute_rig.indexed import write_indexed
from compute_rig.ordered import few_rows_a_leaf
from compute_rig.stored import write
from compute_rig.tables import CATEGORIES, LABELS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from halftone.v1 import compute_pb2, frame_pb2
    from halftone_compute.store.base import OpenVersion
    from halftone_servicekit.tokens import Grant
    from halftone_wire import Piece

    from compute_rig.tables import RandomTable

SCAN, INDEX, BACKGROUND = WAYS = ("a scan", "the index", "the background")
LEAF, BLOCK = 8, 16
# Pictures that are asked for so often have all that is made for them.
_OFTEN = 3


class Ways:
    """A version in the order of its file, and one with an index, whose rows are the same."""

    def __init__(self, folder: Path, table: RandomTable) -> None:
        rows = table.rows
        labels = tuple((str(label), 0) for label in range(LABELS))
        infos: dict[str, dict[str, Any]] = {name: {"type": kind} for name, kind in table.types.items()}
        infos["k"] = {"categories": labels}
        about = rows.values, rows.valid, {"c": CATEGORIES}, infos
        made = write(folder / "plain", *about)
        # An import orders no version without rows.
        if table.count:
            ordered = write_indexed(folder / "ordered", *about, offset=table.offset, most=50)
        else:
            ordered = write(folder / "ordered", *about)
        self._grants = {SCAN: made.grant(), INDEX: ordered.grant(), BACKGROUND: ordered.grant()}
        self._stores = {way: LocalStore(folder / "ordered") for way in (INDEX, BACKGROUND)}
        self._stores[SCAN] = LocalStore(folder / "plain")
        several = Renderer(Engines(CpuEngine()), 1 << 30, cores=3)
        made_there = Renderer(Engines(CpuEngine()), 1 << 30, folder / "cache", 1 << 28)
        self._renderers = {SCAN: several, INDEX: several, BACKGROUND: made_there}

    def grant(self, way: str) -> Grant:
        return self._grants[way]

    def version(self, way: str) -> OpenVersion:
        return self._stores[way].open(self._grants[way])

    def drawn(self, way: str, fetch: compute_pb2.RenderAsk) -> tuple[list[Piece], frame_pb2.Receipt]:
        """The pieces of a request in the order of its places. Raises HalftoneError as the product does."""
        for _ in range(_OFTEN if way == BACKGROUND else 1):
            pieces, receipt = self._drawn(way, fetch)
            self._wait()
        return pieces, receipt

    def close(self) -> None:
        for renderer in set(self._renderers.values()):
            renderer.close()

    def _drawn(self, way: str, fetch: compute_pb2.RenderAsk) -> tuple[list[Piece], frame_pb2.Receipt]:
        job = job_from_fetch(fetch, self._grants[way], self.version(way), 0)
        found: dict[bytes, Piece] = {}

        def emit(piece: compute_pb2.EncodedPiece) -> None:
            found[piece.piece_id] = decode_piece(piece.piece)

        receipt = self._renderers[way].render(job, Cancel(), emit)
        return [found[piece_id] for piece_id in job.places], receipt

    def _wait(self) -> None:
        """Until nothing is being made in the background: one thread makes everything, in the order it was asked for."""
        self._renderers[BACKGROUND]._room._thread.submit(lambda: None).result()


@contextmanager
def small_parts() -> Iterator[None]:
    """A block in which some tens of rows have leaves, tiles, several blocks and copies, as millions have."""
    with pytest.MonkeyPatch.context() as patch:
        few_rows_a_leaf(patch, LEAF)
        patch.setattr("halftone_compute.store.pyramid.cover._CELLS_PER_ROW", 256 * 256)
        patch.setattr("halftone_compute.render.background.room._NICENESS", 0)
        patch.setattr("halftone_compute.render.background.copies.LEAST_ROWS", 1)
        patch.setattr("halftone_compute.render.background.copies._STRETCHED_OFTEN", _OFTEN - 1)
        for module in ("store.versions", "render.read.rows"):
            patch.setattr(f"halftone_compute.{module}.BLOCK_ROWS", BLOCK)
        yield
