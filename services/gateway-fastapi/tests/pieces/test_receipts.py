"""Receipts put together."""

from gateway_rig.client import viewport
from gateway_rig.pure import access
from halftone.v1.frame_pb2 import Receipt, Stage, Unplaced
from halftone_gateway.pieces.frame_request import FrameRequest
from halftone_gateway.pieces.planning import resolve_view
from halftone_gateway.pieces.receipts import receipt_of
from halftone_views import validate_options

TRACE = "00-" + "1" * 32 + "-" + "2" * 16 + "-01"


def request(missing: tuple[int, ...]) -> FrameRequest:
    resolved = resolve_view(validate_options("points", {}), access(), viewport(0, 1024, 0, 1024))
    return FrameRequest(access(), resolved, missing, TRACE)


def made(ms: float, rows: int) -> Receipt:
    return Receipt(
        backend="cpu", engine_revision=3, rows_scanned=rows, fraction=1.0, stages=[Stage(name="scan", ms=ms)]
    )


def test_requests_side_by_side_take_as_long_as_the_slowest() -> None:
    receipt = receipt_of(request((1, 2, 3)), [made(5, 10), made(8, 20)], cached=1, elapsed_ms=10, unplaced=None)
    assert receipt.rows_scanned == 30
    assert [(stage.name, stage.ms) for stage in receipt.stages] == [("scan", 8), ("gateway", 2)]
    assert (receipt.pieces_total, receipt.pieces_cached) == (4, 2)
    assert (receipt.backend, receipt.engine_revision, receipt.fraction) == ("cpu", 3, 1)
    assert receipt.trace_id == "1" * 32
    assert receipt.version_id == access().version.version_id


def test_a_frame_that_compute_did_not_make_says_so() -> None:
    receipt = receipt_of(request(()), [], cached=0, elapsed_ms=0.5, unplaced=None)
    assert (receipt.backend, receipt.pieces_cached, receipt.rows_scanned) == ("cache", 4, 0)
    assert [stage.name for stage in receipt.stages] == ["gateway"]


def test_the_part_that_something_slower_made_was_passed_on() -> None:
    fast, slow = made(1, 10), made(8, 20)
    fast.backend, slow.degraded = "gpu", "card_lost"
    receipt = receipt_of(request((1, 2, 3)), [fast, slow], cached=0, elapsed_ms=10, unplaced=None)
    assert (receipt.backend, receipt.degraded, receipt.rows_scanned) == ("cpu", "card_lost", 30)
    assert receipt_of(request((1, 2)), [fast], cached=0, elapsed_ms=10, unplaced=None).degraded == ""
    assert receipt_of(request(()), [], cached=0, elapsed_ms=10, unplaced=None).degraded == ""


def test_rows_without_a_place_are_named_whatever_made_the_pieces() -> None:
    receipt = receipt_of(request(()), [], cached=0, elapsed_ms=10, unplaced=Unplaced(missing=7))
    assert receipt.unplaced == Unplaced(missing=7)
    assert not receipt_of(request(()), [], cached=0, elapsed_ms=10, unplaced=None).HasField("unplaced")
