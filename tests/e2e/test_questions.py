"""Three hundred random questions over the socket have the answers of pandas: flights, many skewed rows, a time series.

`HALFTONE_TEST_ROWS` is how many skewed rows there are.
"""

import io
import json
import os

import numpy as np
import pandas as pd
import pytest
from google.protobuf import json_format
from halftone.v1 import frame_pb2, session_pb2
from halftone_wire import decode_piece
from halftone_wire.pieces import Piece
from websockets.sync.client import ClientConnection

from .product import Product
from .questions import Question, Table, compare, questions
from .test_imports import ENDED, start_import, wait_for_job
from .test_wire import send, signed_in

pytestmark = pytest.mark.e2e

ROWS = int(os.environ.get("HALFTONE_TEST_ROWS", "400000"))


def skewed_rows(rows: int) -> pd.DataFrame:
    """Most rows at few places, a few far off; nulls in every column, 300 categories of which most are rare."""
    rng = np.random.default_rng(11)
    crowd = rng.choice([0.25, 1.0, 3.5], rows)
    made = pd.DataFrame(
        {
            "x": np.where(rng.random(rows) < 0.4, crowd, rng.lognormal(1.0, 2.0, rows)),
            "y": rng.standard_cauchy(rows),
            "n": rng.integers(-5, 200, rows).astype("float64"),
            "v": rng.normal(50.0, 20.0, rows).round(3),
            "kind": pd.Series(rng.choice(["a", "b", "c", "d"], rows, p=[0.6, 0.25, 0.1, 0.05])),
            "code": pd.Series(np.minimum(rng.zipf(1.3, rows), 300)).map("c{:03d}".format),
        }
    )
    for name in made:
        made.loc[rng.random(rows) < 0.03, name] = None
    return made


def readings(rows: int) -> pd.DataFrame:
    """Irregular readings of three sensors in local times of Berlin over a change of clocks, with a day without any."""
    rng = np.random.default_rng(12)
    start = pd.Timestamp("2025-10-20", tz="Europe/Berlin")
    at = start + pd.to_timedelta(np.sort(rng.random(rows) * 14 * 86_400e6).astype("int64"), unit="us")
    made = pd.DataFrame(
        {
            "at": at,
            "value": np.cumsum(rng.normal(size=rows)),
            "load": rng.exponential(3.0, rows),
            "sensor": rng.choice(["north", "south", "west"], rows, p=[0.5, 0.3, 0.2]),
        }
    )
    made.loc[rng.random(rows) < 0.1, "value"] = None
    day = pd.Timestamp("2025-10-24", tz="Europe/Berlin")
    return made[(made["at"] < day) | (made["at"] >= day + pd.Timedelta(days=1))].reset_index(drop=True)


def uploaded(product: Product, slug: str, rows: pd.DataFrame) -> None:
    with product.sign_in() as web:
        file = io.BytesIO()
        rows.to_parquet(file)
        job = start_import(web, f"{slug}.parquet", file.getvalue(), slug)
        ended = wait_for_job(web, job["id"], lambda seen: seen["state"] in ENDED, 600)
        assert ended["state"] == "published", ended


@pytest.fixture(scope="module")
def of_flights(flights: pd.DataFrame) -> Table:
    rows = flights.assign(date=flights["date"].astype("datetime64[us]"))
    return Table("flights", rows, ("delay", "distance"), ("date",), ("origin", "destination"))


@pytest.fixture(scope="module")
def of_skewed(product: Product) -> Table:
    rows = skewed_rows(ROWS)
    uploaded(product, "questions-skewed", rows)
    return Table("questions-skewed", rows, ("x", "y", "n", "v"), (), ("kind", "code"))


@pytest.fixture(scope="module")
def of_readings(product: Product) -> Table:
    rows = readings(60_000)
    uploaded(product, "questions-readings", rows)
    rows = rows.assign(at=rows["at"].dt.tz_convert("UTC").dt.tz_localize(None))
    return Table("questions-readings", rows, ("value", "load"), ("at",), ("sensor",))


@pytest.mark.parametrize(("name", "count"), [("of_flights", 40), ("of_skewed", 160), ("of_readings", 100)])
def test_answers_are_those_of_pandas(product: Product, request: pytest.FixtureRequest, name: str, count: int) -> None:
    table: Table = request.getfixturevalue(name)
    filled = 0
    with signed_in(product) as socket:
        for number, question in enumerate(questions(table, count, seed=20261130), start=1):
            filled += compare(table, question, *asked(socket, number, table, question))
    assert filled > 10_000


def asked(
    socket: ClientConnection, number: int, table: Table, question: Question
) -> tuple[session_pb2.Frame, list[Piece]]:
    """The exact frame of a question, in a view of its own, and all of its pieces."""
    view = {"viewId": number, "seq": 1, "dataset": table.dataset, "kind": question.kind}
    send(socket, open={**view, "options": dict(question.options), "viewport": question.viewport(table)})
    pieces: list[frame_pb2.Piece] = []
    while True:
        message = json.loads(socket.recv(timeout=120))
        assert "error" not in message, (question, message)
        if "frame" not in message:
            continue
        frame = json_format.ParseDict(message["frame"], session_pb2.Frame())
        if frame.status != frame_pb2.FRAME_STATUS_APPROXIMATE:
            pieces += frame.pieces
        send(socket, shown={"viewId": number, "seq": frame.seq})
        if frame.status == frame_pb2.FRAME_STATUS_EXACT:
            break
    send(socket, close={"viewId": number})
    return frame, [decode_piece(piece) for piece in pieces]
