"""Counts flights in each cell of a picture, over the socket in JSON (docs/protocol.md); needs HALFTONE_PASSWORD."""

import asyncio
import base64
import json
import os
import typing

import httpx2
import numpy as np
from websockets import Subprotocol, connect


def counts(piece: dict[str, typing.Any]) -> np.ndarray:
    """The first plane of a piece: shape (height, width), lowest y first."""
    plane, shape = piece["planes"][0], (piece["height"], piece["width"])
    data, dtype = base64.b64decode(plane["data"]), f"<u{int(plane['dtype'].removeprefix('DTYPE_U')) // 8}"
    if plane["codec"] == "CODEC_RAW":
        return np.frombuffer(data, dtype).reshape(shape)
    n, cells = len(data) // (4 + np.dtype(dtype).itemsize), np.zeros(shape, dtype)
    cells.flat[np.frombuffer(data, "<u4", n)] = np.frombuffer(data, dtype, n, offset=4 * n)
    return cells


async def picture(url: str, email: str, password: str, **viewport: int) -> np.ndarray:
    """Signs in, opens the flights and waits for the exact frame."""
    signed_in = httpx2.post(f"{url}/api/token/", json={"email": email, "password": password}, timeout=30)
    view = {"viewId": 1, "seq": 1, "dataset": "flights", "kind": "points", "viewport": viewport}
    async with connect(f"ws{url[4:]}/ws/compute", subprotocols=[Subprotocol("halftone.v1.json")], max_size=None) as ws:
        for message in {"auth": {"accessToken": signed_in.raise_for_status().json()["access"]}}, {"open": view}:
            await ws.send(json.dumps(message))
        while (got := json.loads(await ws.recv())).get("frame", {}).get("status") != "FRAME_STATUS_EXACT":
            if "error" in got:
                raise RuntimeError(got["error"])
        return counts(got["frame"]["pieces"][0])


if __name__ == "__main__":
    who, password = os.getenv("HALFTONE_EMAIL", "admin@halftone.local"), os.environ["HALFTONE_PASSWORD"]
    print(asyncio.run(picture("http://localhost:3000", who, password, width=640, height=480, exactViewport=True)))
