"""Web Mercator: where a latitude lies, in degrees of the equator, so that a step is as long as one of the longitude.

J. P. Snyder, "Map Projections: A Working Manual" (1987), equation 7-2, on a sphere. The longitude stays as it is.
"""

import math

from halftone.v1 import compute_pb2

from halftone_views.lattice.transform import Transform

# Where the map ends: it is as high as it is wide.
MOST_NORTH = 85.05112878
_RADIANS = math.pi / 180.0
_HALF_DEGREES = 90.0 / math.pi


def forward(value: float) -> float:
    """-180 to 180, 0 for the equator; NaN beyond the end of the map."""
    if not -MOST_NORTH <= value <= MOST_NORTH:
        return math.nan
    sine = math.sin(value * _RADIANS)
    return math.log((1.0 + sine) / (1.0 - sine)) * _HALF_DEGREES


def inverse(place: float) -> float:
    """The latitude at a place; beyond the map that of its end."""
    # Beyond twice the map the hyperbolic sine soon ends.
    reach = max(-360.0, min(360.0, place))
    latitude = math.atan(math.sinh(reach * _RADIANS)) / _RADIANS
    return max(-MOST_NORTH, min(MOST_NORTH, latitude))


MERCATOR = Transform(
    name="mercator",
    label="Web Mercator",
    code=compute_pb2.TRANSFORM_MERCATOR,
    use="projection",
    accepts=("number",),
    low=-MOST_NORTH,
    high=MOST_NORTH,
    forward=forward,
    inverse=inverse,
    order=0,
)
