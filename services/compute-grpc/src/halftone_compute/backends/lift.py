"""Numbers near zero are multiplied by a power of two first, so that cells a unit never overflow float64: exactly."""

import math

BITS = 600
LIFT = 2.0**BITS

# The finest level, and the narrowest range, whose factor is a float64 as it is.
_FINE_LEVEL = -1000
_NARROW = 2.0**-900


def lift_of_level(exponent: int) -> float:
    """What coordinates are multiplied by for cells of 2^exponent. Distant ones become infinite: they lie in no cell."""
    return LIFT if exponent < _FINE_LEVEL else 1.0


def per_unit(exponent: int) -> float:
    """Cells of 2^exponent a unit of lifted coordinates."""
    return math.ldexp(1.0, -exponent - (BITS if exponent < _FINE_LEVEL else 0))


def lift_of_range(low: float, high: float) -> float:
    """What coordinates are multiplied by for a range that is cut into cells."""
    return LIFT if high - low < _NARROW else 1.0
