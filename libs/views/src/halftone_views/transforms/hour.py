"""Hours of the day in UTC: a time lies in the middle of the cell of its hour."""

from halftone.v1 import compute_pb2

from halftone_views.lattice.transform import EARLIEST, LATEST, Transform

_HOUR = 3_600_000_000


def forward(value: float) -> float:
    """The middle of the cell of an hour, of microseconds since 1970 UTC."""
    return value // _HOUR % 24 + 0.5


HOUR = Transform(
    name="hour",
    label="Hour of the day (UTC)",
    code=compute_pb2.TRANSFORM_HOUR,
    use="steps",
    accepts=("time",),
    low=EARLIEST,
    high=LATEST,
    forward=forward,
    steps=tuple(f"{hour:02}:00" for hour in range(24)),
    order=10,
)
