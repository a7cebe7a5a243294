"""Versions as an import makes them out of a table, and pictures of them as a service asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
from google.protobuf.struct_pb2 import Struct
from halftone.v1 import compute_pb2, frame_pb2
from halftone_compute.backends.base import Cancel
from halftone_compute.backends.cpu.engine import CpuEngine
from halftone_compute.backends.engines import Engines
from halftone_compute.ingest.sandbox.convert import convert
from halftone_compute.ingest.sandbox.messages import ConvertRequest, OrderRequest
from halftone_compute.ingest.sandbox.order import order
from halftone_compute.render.renderer import Renderer
from halftone_compute.serve.draw import drawing
from halftone_wire import decode_piece

from compute_rig.stored import DATASET, VERSION, Made

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np
    from halftone_compute.store.base import Store


def imported(root: Path, table: Mapping[str, Any], *, ordered: bool = True) -> Made:
    """A version of a table, by way of a Parquet file; `ordered`: with an index, if there is an order for it."""
    folder = root / "datasets" / DATASET / "versions" / VERSION / "1"
    folder.mkdir(parents=True)
    pq.write_table(pa.table(dict(table)), root / "source")
    convert(ConvertRequest(root / "source", "parquet", folder, DATASET, VERSION, 1 << 40), lambda _: None)
    if ordered:
        order(OrderRequest(folder, 1 << 30), lambda _: None)
    return Made(root, str((folder / "manifest.json").relative_to(root)))


def asked(kind: str, viewport: frame_pb2.Viewport, options: Mapping[str, str]) -> compute_pb2.DrawRequest:
    """A request for the pieces of a view."""
    given = Struct()
    given.update(options)
    return compute_pb2.DrawRequest(kind=kind, viewport=viewport, options=given, format=compute_pb2.DRAW_FORMAT_PIECES)


def drawn(store: Store, made: Made, request: compute_pb2.DrawRequest) -> list[np.ndarray]:
    """The planes of every piece of a view, in order. Raises the HalftoneError of the request or the store."""
    planned = drawing(request, made.grant(), store.open(made.grant()))
    found: dict[bytes, list[np.ndarray]] = {}

    def emit(encoded: compute_pb2.EncodedPiece) -> None:
        piece = decode_piece(encoded.piece)
        found[piece.piece_id] = [plane.cells for plane in piece.planes]

    Renderer(Engines(CpuEngine()), 1 << 30).render(planned.job, Cancel(), emit)
    return [cells for piece_id in planned.job.places for cells in found[piece_id]]
