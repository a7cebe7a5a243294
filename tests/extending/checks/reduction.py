"""The reduction of the recipe: equal to NumPy from Draw, on processors and in the host's build of the GPU kernels."""

import io

import numpy as np
import pytest
from compute_rig.drawing import draw_request, drawn, file_of
from compute_rig.host_device import HostDevice
from compute_rig.rig import Rig
from halftone.v1 import frame_pb2
from halftone_compute.backends.card import CardEngine
from halftone_compute.backends.cpu.engine import CpuEngine
from halftone_compute.backends.engines import Engines

WIDTH, HEIGHT, ROWS = 8, 4, 2_000
BUDGET = 64 << 20
OPTIONS = {"x": "x", "y": "y", "reduction": "range", "value": "v"}
VIEWPORT = frame_pb2.Viewport(extent=frame_pb2.Extent(x1=WIDTH, y1=HEIGHT), width=WIDTH, height=HEIGHT)
RNG = np.random.default_rng(7)
TABLE = {"x": RNG.uniform(0, WIDTH, ROWS), "y": RNG.uniform(0, HEIGHT, ROWS), "v": RNG.normal(size=ROWS)}
ENGINES = {"cpu": CpuEngine, "kernels": lambda: CardEngine(HostDevice(), BUDGET)}


def numpys() -> np.ndarray:
    """max - min of the values in each cell, NaN where there is none; shape (HEIGHT, WIDTH)."""
    cells = np.floor(TABLE["y"]).astype(int) * WIDTH + np.floor(TABLE["x"]).astype(int)
    values = [TABLE["v"][cells == cell] for cell in range(WIDTH * HEIGHT)]
    return np.array([np.ptp(found) if len(found) else np.nan for found in values]).reshape(HEIGHT, WIDTH)


@pytest.mark.parametrize("engine", ENGINES)
async def test_draw_is_numpy(rig: Rig, engine: str) -> None:
    rig.engines = Engines(ENGINES[engine]())
    rig.put(TABLE)
    async with rig.serving() as serving:
        request = draw_request(serving, "NPY", OPTIONS, viewport=VIEWPORT)
        replies = await drawn(serving, request)
    assert replies[-1].quantity.label == "Range of v"
    np.testing.assert_array_equal(np.load(io.BytesIO(file_of(replies))), numpys())
