"""Logarithmic: a value lies at its logarithm to base 10, as on Datashader's axes of type `log`."""

import math
import sys

from halftone.v1 import compute_pb2

from halftone_views.lattice.transform import Transform

_LEAST = math.nextafter(0.0, 1.0)
_MOST = sys.float_info.max
# Places of the least and the greatest number.
_FIRST, _LAST = math.log10(_LEAST), math.log10(_MOST)


def forward(value: float) -> float:
    """The logarithm; NaN for what is not above 0, and for infinity."""
    return math.log10(value) if 0.0 < value <= _MOST else math.nan


def inverse(place: float) -> float:
    """The number at a place: the least or the greatest there is beyond these."""
    if place <= _FIRST:
        return _LEAST
    return _MOST if place >= _LAST else 10.0**place


LOG10 = Transform(
    name="log",
    label="Logarithmic",
    code=compute_pb2.TRANSFORM_LOG10,
    use="scale",
    accepts=("number",),
    low=_LEAST,
    high=_MOST,
    forward=forward,
    inverse=inverse,
    order=10,
)
