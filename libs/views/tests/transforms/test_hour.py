"""Hours of the day: those of Python's datetime."""

from datetime import datetime

from halftone_views.transforms.hour import HOUR
from views_rig.times import every_time, microseconds_of


@every_time
def test_every_time_from_the_year_1_to_9999_has_its_step(time: datetime) -> None:
    assert HOUR.forward(microseconds_of(time)) == time.hour + 0.5


def test_steps_have_names() -> None:
    assert HOUR.steps[13] == "13:00"
