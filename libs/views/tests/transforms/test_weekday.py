"""Days of the week: those of Python's datetime, Monday first."""

from datetime import UTC, datetime, timedelta

from halftone_views.transforms.weekday import WEEKDAY
from hypothesis import example, given
from hypothesis import strategies as st

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@given(st.datetimes(timezones=st.just(UTC)))
@example(datetime(1, 1, 1, tzinfo=UTC))
@example(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC))
@example(datetime(2000, 2, 29, 23, 59, 59, 999_999, tzinfo=UTC))
@example(datetime(2000, 3, 1, tzinfo=UTC))
@example(datetime(1900, 2, 28, 23, 59, 59, 999_999, tzinfo=UTC))
@example(datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC))
def test_every_time_from_the_year_1_to_9999_has_its_step(time: datetime) -> None:
    microseconds = (time - EPOCH) // timedelta(microseconds=1)
    assert WEEKDAY.forward(microseconds) == time.weekday() + 0.5


def test_steps_have_names() -> None:
    assert WEEKDAY.steps[6] == "Sun"
