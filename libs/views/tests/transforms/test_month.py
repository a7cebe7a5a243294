"""Months: those of Python's datetime."""

from datetime import datetime

from halftone_views.transforms.month import MONTH
from views_rig.times import every_time, microseconds_of


@every_time
def test_every_time_from_the_year_1_to_9999_has_its_step(time: datetime) -> None:
    assert MONTH.forward(microseconds_of(time)) == time.month - 1 + 0.5


def test_steps_have_names() -> None:
    assert MONTH.steps[2] == "Mar"
