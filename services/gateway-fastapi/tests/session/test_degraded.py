"""When a notice says that something slower makes the pictures."""

import pytest
from halftone.v1.frame_pb2 import Receipt
from halftone.v1.session_pb2 import NOTICE_CODE_DEGRADED
from halftone_gateway.compute.pool import SPARE_POOL
from halftone_gateway.pieces.receipts import NO_BACKEND
from halftone_gateway.session.degraded import Degraded

SLOW = Receipt(backend="cpu", degraded="card_lost")
FAST = Receipt(backend="gpu")
CACHED = Receipt(backend=NO_BACKEND)


def test_a_reason_is_sent_once() -> None:
    degraded = Degraded()
    notice = degraded.notice(3, SLOW)
    assert notice is not None
    assert (notice.code, notice.view_id) == (NOTICE_CODE_DEGRADED, 3)
    assert notice.detail == "The graphics card is not available now. Pictures are as exact as before, only slower."
    assert degraded.notice(3, SLOW) is None
    assert degraded.notice(3, Receipt(backend="cpu", degraded="out_of_memory")) is not None


@pytest.mark.parametrize("reason", ["out_of_memory", "card_lost", SPARE_POOL, "of_the_future"])
def test_every_reason_has_words_that_leave_no_doubt_about_the_picture(reason: str) -> None:
    notice = Degraded().notice(1, Receipt(degraded=reason))
    assert notice is not None
    assert notice.detail.endswith("as exact as before, only slower.")
    assert ("graphics card" in notice.detail) == (reason in ("out_of_memory", "card_lost"))


def test_it_is_sent_again_after_a_frame_that_was_not_degraded() -> None:
    degraded = Degraded()
    assert degraded.notice(1, FAST) is None
    assert degraded.notice(1, SLOW) is not None
    assert degraded.notice(1, FAST) is None
    assert degraded.notice(1, SLOW) is not None


def test_a_cached_frame_proves_nothing() -> None:
    degraded = Degraded()
    assert degraded.notice(1, SLOW) is not None
    assert degraded.notice(1, CACHED) is None
    assert degraded.notice(1, SLOW) is None
