"""Web Mercator: the map is square, the equator is 0, and shapes keep their angles."""

import math

import pytest
from halftone_views.transforms.mercator import MERCATOR, MOST_NORTH


def test_known_places() -> None:
    assert MERCATOR.forward(0.0) == 0.0
    assert MERCATOR.forward(MOST_NORTH) == pytest.approx(180.0, abs=1e-7)
    # Snyder, p. 44: ln tan(45 degrees + 35 degrees / 2) = 0.6528366.
    assert math.radians(MERCATOR.forward(35.0)) == pytest.approx(0.6528366, abs=1e-7)


@pytest.mark.parametrize("latitude", [-80.0, -1.0, 0.5, 30.0, 60.0, 84.0])
def test_a_step_is_as_much_longer_as_the_circle_of_latitude_is_shorter(latitude: float) -> None:
    step = 1e-4
    stretched = (MERCATOR.forward(latitude + step) - MERCATOR.forward(latitude - step)) / (2 * step)
    assert stretched == pytest.approx(1 / math.cos(math.radians(latitude)), rel=1e-5)


@pytest.mark.parametrize("latitude", [85.0512, -90.0, math.nan, math.inf])
def test_beyond_the_map_there_is_no_place(latitude: float) -> None:
    assert math.isnan(MERCATOR.forward(latitude))
    assert not MERCATOR.has_place(latitude)


def test_beyond_the_map_the_inverse_is_its_end() -> None:
    assert MERCATOR.inverse(500.0) == MOST_NORTH
    assert MERCATOR.inverse(-180.5) == -MOST_NORTH
