"""Days of the week in UTC, Monday first: a time lies in the middle of the cell of its day."""

from halftone.v1 import compute_pb2

from halftone_views.lattice.transform import EARLIEST, LATEST, Transform

_DAY = 86_400_000_000
_THURSDAY = 3


def forward(value: float) -> float:
    """The middle of the cell of a day, of microseconds since 1970 UTC, which began on a Thursday."""
    return (value // _DAY + _THURSDAY) % 7 + 0.5


WEEKDAY = Transform(
    name="weekday",
    label="Day of the week (UTC)",
    code=compute_pb2.TRANSFORM_WEEKDAY,
    use="steps",
    accepts=("time",),
    low=EARLIEST,
    high=LATEST,
    forward=forward,
    steps=("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    order=20,
)
