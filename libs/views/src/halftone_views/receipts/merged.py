"""One receipt of several, by one rule for compute's shared scans and for the gateway's requests."""

from collections.abc import Iterable, Sequence

from halftone.v1 import frame_pb2


def merge(receipts: Sequence[frame_pb2.Receipt]) -> frame_pb2.Receipt:
    """The receipt of work that was done side by side; `receipts` holds one at least.

    Rows and pieces add up. A stage took as long as in the slowest. A degraded receipt names backend and reason, the
    first of them; the fraction is the least. Rows without
    a place are those of the whole version, the same in all that name them: they are taken once, and never added up.
    Everything else is that of the first receipt.
    """
    first = receipts[0]
    named = next((receipt for receipt in receipts if receipt.degraded), first)
    return frame_pb2.Receipt(
        version_id=first.version_id,
        policy_hash=first.policy_hash,
        backend=named.backend,
        engine_revision=named.engine_revision,
        rows_scanned=sum(receipt.rows_scanned for receipt in receipts),
        tiles_read=sum(receipt.tiles_read for receipt in receipts),
        pieces_total=sum(receipt.pieces_total for receipt in receipts),
        pieces_cached=sum(receipt.pieces_cached for receipt in receipts),
        stages=_slowest(receipts),
        trace_id=first.trace_id,
        fraction=min(receipt.fraction for receipt in receipts),
        degraded=named.degraded,
        unplaced=next((receipt.unplaced for receipt in receipts if receipt.HasField("unplaced")), None),
    )


def _slowest(receipts: Iterable[frame_pb2.Receipt]) -> list[frame_pb2.Stage]:
    stages: dict[str, float] = {}
    for receipt in receipts:
        for stage in receipt.stages:
            stages[stage.name] = max(stages.get(stage.name, 0.0), stage.ms)
    return [frame_pb2.Stage(name=name, ms=ms) for name, ms in stages.items()]
