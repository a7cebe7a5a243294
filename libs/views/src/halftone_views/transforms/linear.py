"""Linear: a value lies at itself."""

import math

from halftone.v1 import compute_pb2

from halftone_views.lattice.extents import MAX_COORDINATE
from halftone_views.lattice.transform import Transform


def forward(value: float) -> float:
    """The value itself."""
    return value


LINEAR = Transform(
    name="linear",
    label="Linear",
    code=compute_pb2.TRANSFORM_LINEAR,
    use="scale",
    accepts=("number", "time"),
    low=-MAX_COORDINATE,
    # The outermost cell ends at the bound, and has no row on it.
    high=math.nextafter(MAX_COORDINATE, 0.0),
    forward=forward,
    inverse=forward,
    order=0,
)
