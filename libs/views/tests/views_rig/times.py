"""Times from the year 1 to 9999 in UTC, among them those at the ends of days, leap years and all years."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = (23, 59, 59, 999_999)
_ENDS = (
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(1969, 12, 31, *_LAST, tzinfo=UTC),
    datetime(2000, 2, 29, *_LAST, tzinfo=UTC),
    datetime(2000, 3, 1, tzinfo=UTC),
    datetime(1900, 2, 28, *_LAST, tzinfo=UTC),
    datetime(9999, 12, 31, *_LAST, tzinfo=UTC),
)


def every_time(test: Callable[[datetime], None]) -> Callable[[], None]:
    """Gives a test random times and all of these ends."""
    for end in _ENDS:
        test = example(end)(test)
    return given(st.datetimes(timezones=st.just(UTC)))(test)


def microseconds_of(time: datetime) -> int:
    """Since 1970 UTC, as columns have them."""
    return (time - EPOCH) // timedelta(microseconds=1)
