"""The receipt of a frame, put together from those of the requests that made its pieces."""

from collections.abc import Iterable, Sequence
from typing import Final

from halftone.v1.frame_pb2 import Receipt, Stage
from halftone_views import ENGINE_REVISION

from halftone_gateway.pieces.wanted import Wanted

# What stands for the backend in the receipt of a frame of which no piece had to be made.
NO_BACKEND: Final = "cache"


def merged(wanted: Wanted, receipts: Sequence[Receipt], cached: int, elapsed_ms: float) -> Receipt:
    """`cached` pieces came from the gateway's cache; those that the client held count as cached too.

    When something slower than what is preferred made some of the pieces, the receipt names that.
    """
    pieces = wanted.planned.piece_ids
    held = len(pieces) - len(wanted.missing)
    slowest = _slowest(receipts)
    telling = next((receipt for receipt in receipts if receipt.degraded), receipts[0] if receipts else None)
    spent = sum(ms for _, ms in slowest)
    return Receipt(
        version_id=wanted.access.version.version_id,
        policy_hash=wanted.access.grant.policy_hash,
        backend=telling.backend if telling else NO_BACKEND,
        engine_revision=telling.engine_revision if telling else ENGINE_REVISION,
        rows_scanned=sum(receipt.rows_scanned for receipt in receipts),
        pieces_total=len(pieces),
        pieces_cached=held + cached + sum(receipt.pieces_cached for receipt in receipts),
        stages=[
            *(Stage(name=name, ms=ms) for name, ms in slowest),
            Stage(name="gateway", ms=max(0.0, elapsed_ms - spent)),
        ],
        trace_id=wanted.traceparent.split("-")[1],
        fraction=1.0,
        degraded=telling.degraded if telling else "",
    )


def _slowest(receipts: Iterable[Receipt]) -> list[tuple[str, float]]:
    """Requests run side by side, so a stage took as long as in the slowest of them."""
    stages: dict[str, float] = {}
    for receipt in receipts:
        for stage in receipt.stages:
            stages[stage.name] = max(stages.get(stage.name, 0.0), stage.ms)
    return list(stages.items())
