"""Days of the week: those of Python's datetime, Monday first."""

from datetime import datetime

from halftone_views.transforms.weekday import WEEKDAY
from views_rig.times import every_time, microseconds_of


@every_time
def test_every_time_from_the_year_1_to_9999_has_its_step(time: datetime) -> None:
    assert WEEKDAY.forward(microseconds_of(time)) == time.weekday() + 0.5


def test_steps_have_names() -> None:
    assert WEEKDAY.steps[6] == "Sun"
