"""The receipt of a frame, merged from those of the fetches that made its pieces."""

from collections.abc import Sequence
from typing import Final

from halftone.v1.frame_pb2 import Receipt, Stage, Unplaced
from halftone_views import ENGINE_REVISION
from halftone_views.receipts import merge

from halftone_gateway.pieces.frame_request import FrameRequest

# The backend of a frame for which compute made no piece.
NO_BACKEND: Final = "cache"


def receipt_of(
    request: FrameRequest, fetched: Sequence[Receipt], cached: int, elapsed_ms: float, unplaced: Unplaced | None
) -> Receipt:
    """`cached` pieces came from the gateway's caches; pieces that the client holds count as cached too. `unplaced` is
    what is known of rows without a place, None when that is nothing.

    The stage `gateway` is the time that the slowest stages of compute leave of `elapsed_ms`.
    """
    pieces = request.resolved.piece_ids
    held = len(pieces) - len(request.missing)
    receipt = merge(fetched) if fetched else Receipt(backend=NO_BACKEND, engine_revision=ENGINE_REVISION, fraction=1.0)
    spent_ms = sum(stage.ms for stage in receipt.stages)
    receipt.version_id = request.granted.version.version_id
    receipt.policy_hash = request.granted.grant.policy_hash
    receipt.pieces_total = len(pieces)
    receipt.pieces_cached += held + cached
    receipt.stages.append(Stage(name="gateway", ms=max(0.0, elapsed_ms - spent_ms)))
    if unplaced is not None:
        receipt.unplaced.CopyFrom(unplaced)
    receipt.trace_id = request.traceparent.split("-")[1]
    return receipt
