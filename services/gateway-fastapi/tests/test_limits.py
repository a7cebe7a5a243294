"""The token bucket, and what clients are told."""

from halftone_gateway.limits import Bucket, Limits
from hypothesis import given
from hypothesis import strategies as st


@given(st.lists(st.floats(0, 1), max_size=200))
def test_no_more_than_burst_and_rate_allow(waits: list[float]) -> None:
    bucket, now, taken = Bucket(10, 5, 0.0), 0.0, 0
    for wait in waits:
        now += wait
        taken += bucket.take(now)
    assert taken <= 5 + now * 10 + 1e-6


def test_an_empty_bucket_says_when_to_come_back() -> None:
    bucket = Bucket(10, 1, 0.0)
    assert bucket.next_at() == 0.0
    assert bucket.take(0.0)
    assert not bucket.take(0.05)
    at = bucket.next_at()
    assert at == 0.1
    assert bucket.take(at)


def test_clients_are_told_their_limits() -> None:
    told = Limits(views=3).message()
    assert (told.views, told.message_bytes, told.messages_per_second) == (3, 65_536, 60)
    assert (told.side_pixels, told.picture_pixels, told.unshown_frames) == (4096, 8_388_608, 2)
