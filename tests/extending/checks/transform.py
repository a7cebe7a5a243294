"""The transform of the recipe: a picture on it is NumPy's, and rows without a place on it are counted."""

import io

import numpy as np
from compute_rig.rig import Rig
from compute_rig.waiting import PATIENCE_S
from google.protobuf.struct_pb2 import Struct
from halftone.v1 import compute_pb2, compute_pb2_grpc, frame_pb2

WIDTH, HEIGHT, ROWS = 8, 4, 2_000
RNG = np.random.default_rng(7)
TABLE = {"x": RNG.uniform(-9.0, WIDTH**2, ROWS), "y": RNG.uniform(0, HEIGHT, ROWS)}


def numpys() -> np.ndarray:
    """How many rows are in each cell of square roots; shape (HEIGHT, WIDTH)."""
    has_place = TABLE["x"] >= 0
    root, y = np.sqrt(TABLE["x"][has_place]), TABLE["y"][has_place]
    cells = np.floor(y).astype(int) * WIDTH + np.floor(root).astype(int)
    return np.bincount(cells, minlength=WIDTH * HEIGHT).reshape(HEIGHT, WIDTH)


async def test_draw_is_numpy(rig: Rig) -> None:
    options = Struct()
    options.update({"x": "x", "y": "y", "x_scale": "root"})
    rig.put(TABLE)
    async with rig.serving() as serving:
        request = compute_pb2.DrawRequest(
            grant=serving.signer.grant(),
            kind="points",
            options=options,
            viewport=frame_pb2.Viewport(extent=frame_pb2.Extent(x1=WIDTH, y1=HEIGHT), width=WIDTH, height=HEIGHT),
            format=compute_pb2.DRAW_FORMAT_NPY,
        )
        stub = compute_pb2_grpc.ComputeStub(serving.channel)
        replies = [reply async for reply in stub.Draw(request, timeout=PATIENCE_S)]
    assert replies[-1].x.transform == compute_pb2.TRANSFORM_ROOT
    assert replies[-1].receipt.unplaced.not_on_scale == (TABLE["x"] < 0).sum()
    drawn = np.load(io.BytesIO(b"".join(reply.chunk for reply in replies)))
    np.testing.assert_array_equal(drawn, numpys())
