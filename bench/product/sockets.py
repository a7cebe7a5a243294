"""Over the product's own socket: from the message of a gesture to the last byte of its exact frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from halftone.v1 import frame_pb2

from bench.engine.bar import Bar
from bench.engine.gestures import Look, mixed
from bench.product.started import SLUG
from bench.viewer import viewer
from tests.e2e.product import EMAIL, PASSWORD

if TYPE_CHECKING:
    from tests.e2e.product import Product

GESTURES = 120
# Other places than those that are measured: only what is compiled and mapped is warm.
_WARM_SEED, _WARM_GESTURES = 17, 24


@dataclass(frozen=True)
class Gestures:
    """By gesture: milliseconds, bytes received, and rows that compute read; zero where a cache knew all pieces."""

    ms: list[float]
    bytes: list[int]
    rows_read: list[int]
    pieces_cached: list[int]
    pieces_total: list[int]

    @property
    def p95(self) -> float:
        return float(np.percentile(self.ms, 95))


def gestures(product: Product) -> Gestures:
    """Zooms to new places and pans on the way, one person, one after the other."""
    with viewer(product.url, EMAIL, PASSWORD) as person:
        first, *others = mixed(_WARM_GESTURES, _WARM_SEED)
        person.open(SLUG, "points", {"x": "x", "y": "y"}, _viewport(first))
        for each in others:
            person.move(_viewport(each))
        answers = [person.move(_viewport(each)) for each in mixed(GESTURES)]
    receipts = [answer.frame.receipt for answer in answers]
    return Gestures(
        [answer.seconds * 1000 for answer in answers],
        [answer.size for answer in answers],
        [receipt.rows_scanned for receipt in receipts],
        [receipt.pieces_cached for receipt in receipts],
        [receipt.pieces_total for receipt in receipts],
    )


def bar(found: Gestures, rows: int) -> Bar:
    return Bar(4, f"gesture to last byte of the exact frame at {rows:.0e}, p95 ms", found.p95, 25.0, "a limit")


def _viewport(each: Look) -> frame_pb2.Viewport:
    view = each.viewport
    extent = frame_pb2.Extent(x0=view.x0, x1=view.x1, y0=view.y0, y1=view.y1)
    return frame_pb2.Viewport(extent=extent, width=view.width, height=view.height)
