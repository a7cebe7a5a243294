"""Draws a picture of the flights through gRPC: a PNG file and the array behind it.

    python examples/grpc_client.py flights.png

Signs in over REST (HALFTONE_URL, HALFTONE_EMAIL, HALFTONE_PASSWORD), fetches a grant for the dataset and
asks the compute service (HALFTONE_COMPUTE) to draw one view.
"""

import io
import os
import sys

import grpc
import httpx2
import numpy as np
from google.protobuf.json_format import ParseDict
from halftone.v1 import compute_pb2, compute_pb2_grpc


def fetch_grant(url: str, email: str, password: str, dataset: str) -> str:
    """Sign in and return the signed statement that lets compute read the newest version of `dataset`."""
    with httpx2.Client(base_url=url, timeout=30) as web:
        signed_in = web.post("/api/token/", json={"email": email, "password": password}).raise_for_status().json()
        headers = {"Authorization": f"Bearer {signed_in['access']}"}
        grant: str = web.get(f"/api/datasets/{dataset}/grant/", headers=headers).raise_for_status().json()["grant"]
    return grant


def draw(target: str, request: compute_pb2.DrawRequest) -> bytes:
    """Return the file that compute draws for `request`; its chunks arrive in order."""
    with grpc.insecure_channel(target) as channel:
        return b"".join(reply.chunk for reply in compute_pb2_grpc.ComputeStub(channel).Draw(request, timeout=30))


def draw_flights(url: str, target: str, email: str, password: str) -> tuple[bytes, np.ndarray]:
    """Return a PNG of all flights and the counts behind it, uint32 of shape (600, 800), lowest delay first."""
    view = {
        "grant": fetch_grant(url, email, password, "flights"),
        "kind": "points",
        "options": {"x": "date", "y": "delay"},
        "viewport": {"width": 800, "height": 600, "exactViewport": True},
    }
    png = draw(target, ParseDict({**view, "format": "DRAW_FORMAT_PNG"}, compute_pb2.DrawRequest()))
    npy = draw(target, ParseDict({**view, "format": "DRAW_FORMAT_NPY"}, compute_pb2.DrawRequest()))
    return png, np.load(io.BytesIO(npy))


if __name__ == "__main__":
    picture, counts = draw_flights(
        os.environ.get("HALFTONE_URL", "http://localhost:3000"),
        os.environ.get("HALFTONE_COMPUTE", "127.0.0.1:50051"),
        os.environ.get("HALFTONE_EMAIL", "admin@halftone.local"),
        os.environ["HALFTONE_PASSWORD"],
    )
    path = sys.argv[1] if len(sys.argv) > 1 else "flights.png"
    with open(path, "wb") as file:
        file.write(picture)
    print(f"{path}: {counts.shape[1]} x {counts.shape[0]} pixels of {counts.sum():,} flights")
