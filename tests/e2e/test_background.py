"""Histograms, and means of other columns, soon read a few tiles in place of all three million rows."""

import itertools
import time
from typing import Any

import pytest
from websockets.sync.client import ClientConnection

from .product import Product
from .test_wire import frame_of, open_view, send, signed_in

pytestmark = pytest.mark.e2e

ROWS = 3_000_000
DEADLINE_S = 240.0
VIEWS = {
    "histogram": {"kind": "histogram", "options": {"x": "distance"}},
    "other axes": {"kind": "points", "options": {"x": "distance", "y": "delay", "reduction": "mean", "value": "delay"}},
}


def receipt_of_next(socket: ClientConnection, seq: int) -> dict[str, Any]:
    """The receipt of a view that no cache holds yet."""
    extent = {"x0": 0.0, "x1": 1000.0 + seq * 100.0, "y0": -10.0 * seq, "y1": 30.0 * seq}
    send(socket, set={"viewId": 1, "seq": seq, "viewport": {"width": 900, "height": 600, "extent": extent}})
    receipt: dict[str, Any] = frame_of(socket, seq)["receipt"]
    send(socket, shown={"viewId": 1, "seq": seq})
    return receipt


@pytest.mark.parametrize("view", VIEWS)
def test_what_is_asked_again_is_read_from_tiles(product: Product, view: str) -> None:
    with signed_in(product) as socket:
        open_view(socket, 1, **VIEWS[view])
        frame_of(socket, 1)
        send(socket, shown={"viewId": 1, "seq": 1})
        deadline = time.monotonic() + DEADLINE_S
        for seq in itertools.count(2):
            receipt = receipt_of_next(socket, seq)
            if receipt.get("tilesRead"):
                assert int(receipt.get("rowsScanned", 0)) < ROWS / 4
                return
            assert time.monotonic() < deadline
            time.sleep(0.5)
