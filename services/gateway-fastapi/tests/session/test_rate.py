"""The message rate of a socket."""

from halftone_gateway.limits import SocketLimits
from halftone_gateway.session.rate import FLOOD_FACTOR, MessageRate, TokenBucket
from hypothesis import given
from hypothesis import strategies as st


@given(st.lists(st.floats(0, 1), max_size=200))
def test_no_more_than_burst_and_rate_allow(waits: list[float]) -> None:
    bucket, now, taken = TokenBucket(10, 5, 0.0), 0.0, 0
    for wait in waits:
        now += wait
        taken += bucket.take(now)
    assert taken <= 5 + now * 10 + 1e-6


def test_an_empty_bucket_says_when_to_come_back() -> None:
    bucket = TokenBucket(10, 1, 0.0)
    assert bucket.next_at() == 0.0
    assert bucket.take(0.0)
    assert not bucket.take(0.05)
    at = bucket.next_at()
    assert at == 0.1
    assert bucket.take(at)


def test_messages_over_the_rate_are_a_flood_only_past_its_multiple() -> None:
    rate = MessageRate(SocketLimits(messages_per_second=10, message_burst=2), 0.0)
    assert [rate.take(0.0) for _ in range(3)] == [True, True, False]
    assert [rate.is_flood(0.0) for _ in range(9)] == [*[False] * int(FLOOD_FACTOR * 2), True]
    assert rate.refusal(0.0).retry_after_ms == 100
    assert rate.refusal(1.0).retry_after_ms == 1
