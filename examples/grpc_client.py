"""Draws a picture of the flights through gRPC, a PNG file and the array behind it, and reads the latest of them.

    python examples/grpc_client.py flights.png
    python examples/grpc_client.py flights.png --tls-ca ca.crt --tls-cert tls.crt --tls-key tls.key

Signs in over REST (HALFTONE_URL, HALFTONE_EMAIL, HALFTONE_PASSWORD), fetches a grant for the dataset and
asks the compute service (HALFTONE_COMPUTE) to draw one view. A compute service with HALFTONE_COMPUTE_TLS_CA
speaks TLS alone, and asks for a certificate that its CA signed and that names `gateway.halftone`.
"""

import argparse
import io
import os
from collections.abc import Sequence
from pathlib import Path

import grpc
import httpx2
import numpy as np
import pyarrow as pa
from google.protobuf.json_format import ParseDict
from halftone.v1 import compute_pb2, compute_pb2_grpc


def fetch_grant(url: str, email: str, password: str, dataset: str) -> str:
    """Sign in and return the signed statement that lets compute read the newest version of `dataset`."""
    with httpx2.Client(base_url=url, timeout=30) as web:
        signed_in = web.post("/api/token/", json={"email": email, "password": password}).raise_for_status().json()
        headers = {"Authorization": f"Bearer {signed_in['access']}"}
        grant: str = web.get(f"/api/datasets/{dataset}/grant/", headers=headers).raise_for_status().json()["grant"]
    return grant


def channel(target: str, files: argparse.Namespace) -> grpc.Channel:
    """Return a channel to compute: over TLS with the files of `--tls-…`, else plain."""
    if files.tls_ca is None:
        return grpc.insecure_channel(target)
    pair = [file.read_bytes() if file else None for file in (files.tls_key, files.tls_cert)]
    # The server's certificate names the service, not its address.
    options = [("grpc.ssl_target_name_override", files.tls_name)]
    return grpc.secure_channel(target, grpc.ssl_channel_credentials(files.tls_ca.read_bytes(), *pair), options)


def draw(compute: grpc.Channel, request: compute_pb2.DrawRequest) -> bytes:
    """Return the file that compute draws for `request`; its chunks arrive in order."""
    return b"".join(reply.chunk for reply in compute_pb2_grpc.ComputeStub(compute).Draw(request, timeout=30))


def draw_flights(compute: grpc.Channel, grant: str) -> tuple[bytes, np.ndarray]:
    """Return a PNG of the flights as a new view opens them, and its counts, uint32 (600, 800), lowest delay first."""
    view = {
        "grant": grant,
        "kind": "points",
        "options": {"x": "date", "y": "delay"},
        "viewport": {"width": 800, "height": 600, "exactViewport": True},
    }
    png = draw(compute, ParseDict({**view, "format": "DRAW_FORMAT_PNG"}, compute_pb2.DrawRequest()))
    npy = draw(compute, ParseDict({**view, "format": "DRAW_FORMAT_NPY"}, compute_pb2.DrawRequest()))
    return png, np.load(io.BytesIO(npy))


def worst_flights(compute: grpc.Channel, grant: str, count: int = 5) -> pa.Table:
    """Return the flights with the greatest delays among those of 1,000 miles or more, a row each, every column.

    `table.to_pandas()` makes a data frame of it. A range is half-open, in units of its axis; none: all rows.
    """
    distance = {"column": "distance", "transform": "TRANSFORM_LINEAR"}
    question = {
        "grant": grant,
        "ranges": [{"axis": distance, "low": 1000}],
        "sort": {"column": "delay", "descending": True},
        "limit": count,
        "format": "ROWS_FORMAT_ARROW",
    }
    request = ParseDict(question, compute_pb2.RowsRequest())
    stream = b"".join(reply.arrow for reply in compute_pb2_grpc.ComputeStub(compute).Rows(request, timeout=10))
    return pa.ipc.open_stream(stream).read_all()


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the arguments of the command line, or those given."""
    parser = argparse.ArgumentParser(description="Draws a picture of the flights through gRPC.")
    parser.add_argument("picture", type=Path, nargs="?", default=Path("flights.png"), help="file to write")
    parser.add_argument("--tls-ca", type=Path, help="speak TLS; PEM file of the CA of compute's certificate")
    parser.add_argument("--tls-cert", type=Path, help="PEM file of our own certificate chain")
    parser.add_argument("--tls-key", type=Path, help="PEM file of the key of that certificate")
    parser.add_argument("--tls-name", default="compute.halftone", help="name in compute's certificate (%(default)s)")
    given = parser.parse_args(arguments)
    if (given.tls_cert is None) != (given.tls_key is None) or (given.tls_cert and not given.tls_ca):
        parser.error("--tls-cert and --tls-key belong together, and need --tls-ca")
    return given


if __name__ == "__main__":
    chosen = parse()
    signed = fetch_grant(
        os.environ.get("HALFTONE_URL", "http://localhost:3000"),
        os.environ.get("HALFTONE_EMAIL", "admin@halftone.local"),
        os.environ["HALFTONE_PASSWORD"],
        "flights",
    )
    with channel(os.environ.get("HALFTONE_COMPUTE", "127.0.0.1:50051"), chosen) as opened:
        picture, counts = draw_flights(opened, signed)
        worst = worst_flights(opened, signed)
    chosen.picture.write_bytes(picture)
    print(f"{chosen.picture}: {counts.shape[1]} x {counts.shape[0]} pixels of {counts.sum():,} flights")
    for flight in worst.to_pylist():
        print(
            f"{flight['date']:%Y-%m-%d} {flight['origin']} to {flight['destination']}: {flight['delay']} minutes late"
        )
