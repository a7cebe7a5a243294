"""Months in UTC, January first: a time lies in the middle of the cell of its month.

By Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms": years that begin with March end with the day that a
leap year adds.
"""

from halftone.v1 import compute_pb2

from halftone_views.lattice.transform import EARLIEST, LATEST, Transform

_DAY = 86_400_000_000
# Days from the first of March of the year 0 to 1970, and of 400 years.
_SINCE_MARCH = 719_468
_ERA = 146_097


def forward(value: float) -> float:
    """The middle of the cell of a month, of microseconds since 1970 UTC."""
    day = (value // _DAY + _SINCE_MARCH) % _ERA
    year = (day - day // 1460 + day // 36524 - day // 146096) // 365
    day -= 365 * year + year // 4 - year // 100
    since_march = (5 * day + 2) // 153
    return (since_march + 2) % 12 + 0.5


MONTH = Transform(
    name="month",
    label="Month of the year (UTC)",
    code=compute_pb2.TRANSFORM_MONTH,
    use="steps",
    accepts=("time",),
    low=EARLIEST,
    high=LATEST,
    forward=forward,
    steps=("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    order=30,
)
