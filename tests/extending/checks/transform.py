"""The transform of the recipe: a picture on it is NumPy's, and rows without a place on it are counted."""

import io

import numpy as np
from compute_rig.drawing import draw_request, drawn, file_of
from compute_rig.rig import Rig
from halftone.v1 import compute_pb2, frame_pb2

WIDTH, HEIGHT, ROWS = 8, 4, 2_000
OPTIONS = {"x": "x", "y": "y", "x_scale": "root"}
VIEWPORT = frame_pb2.Viewport(extent=frame_pb2.Extent(x1=WIDTH, y1=HEIGHT), width=WIDTH, height=HEIGHT)
RNG = np.random.default_rng(7)
TABLE = {"x": RNG.uniform(-9.0, WIDTH**2, ROWS), "y": RNG.uniform(0, HEIGHT, ROWS)}


def numpys() -> np.ndarray:
    """How many rows are in each cell of square roots; shape (HEIGHT, WIDTH)."""
    has_place = TABLE["x"] >= 0
    root, y = np.sqrt(TABLE["x"][has_place]), TABLE["y"][has_place]
    cells = np.floor(y).astype(int) * WIDTH + np.floor(root).astype(int)
    return np.bincount(cells, minlength=WIDTH * HEIGHT).reshape(HEIGHT, WIDTH)


async def test_draw_is_numpy(rig: Rig) -> None:
    rig.put(TABLE)
    async with rig.serving() as serving:
        request = draw_request(serving, "NPY", OPTIONS, viewport=VIEWPORT)
        replies = await drawn(serving, request)
    assert replies[-1].x.transform == compute_pb2.TRANSFORM_ROOT
    assert replies[-1].receipt.unplaced.not_on_scale == (TABLE["x"] < 0).sum()
    np.testing.assert_array_equal(np.load(io.BytesIO(file_of(replies))), numpys())
