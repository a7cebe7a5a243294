"""The RPCs against a real server on a real socket, with real grants."""

import asyncio
import io
import threading

import grpc
import numpy as np
import pytest
from compute_rig.client import code_of, plan, tiles
from compute_rig.rig import Rig, Serving
from compute_rig.tokens import Signer
from google.protobuf.struct_pb2 import Struct
from halftone.v1 import compute_pb2, compute_pb2_grpc, frame_pb2
from PIL import Image

ROWS = {"x": np.array([0.1, 0.1, 0.9, 1.5], "f4"), "y": np.array([0.1, 0.1, 0.9, 0.5], "f4")}


async def test_render_counts_rows_in_tiles(rig: Rig, serving: Serving) -> None:
    rig.put(ROWS)
    answered = await serving.client().run(1, tiles=tiles((0, 0), (1, 0)))
    assert answered.done is not None
    assert answered.done.pieces_total == 2
    assert answered.done.rows_scanned == 4
    assert {stage.name for stage in answered.done.stages} == {"scan", "encode"}
    first = answered.grid(0)
    assert first[25, 25] == 2
    assert first.sum() == 3
    assert answered.grid(1).sum() == 1


async def test_draw_gives_pieces_png_and_npy(rig: Rig, serving: Serving) -> None:
    rig.put(ROWS)
    stub = compute_pb2_grpc.ComputeStub(serving.channel)
    options = Struct()
    options.update({"x": "x", "y": "y"})
    viewport = frame_pb2.Viewport(extent=frame_pb2.Extent(x0=0, x1=2, y0=0, y1=1), width=20, height=10)
    files = {}
    for name in ("PIECES", "PNG", "NPY"):
        request = compute_pb2.DrawRequest(
            grant=serving.signer.grant(),
            kind="points",
            options=options,
            viewport=viewport,
            format=compute_pb2.DrawFormat.Value(f"DRAW_FORMAT_{name}"),
        )
        replies = [reply async for reply in stub.Draw(request, timeout=5)]
        assert replies[-1].WhichOneof("reply") == "receipt"
        files[name] = b"".join(reply.chunk for reply in replies)
        if name == "PIECES":
            assert replies[0].piece.address.ex == -3
    grid = np.load(io.BytesIO(files["NPY"]))
    assert grid.shape == (10, 20)
    assert grid.dtype == np.uint32
    assert grid[1, 1] == 2
    picture = Image.open(io.BytesIO(files["PNG"]))
    assert picture.size == (20, 10)
    assert np.asarray(picture)[..., 3].astype(bool).sum() == 3
