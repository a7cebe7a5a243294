"""Extents: data covered, and room around them."""

import math

from halftone_views.lattice import (
    MAX_COORDINATE,
    Extent,
    Viewport,
    covering,
    padded,
    validate_viewport,
)
from hypothesis import example, given
from hypothesis import strategies as st
from views_rig.lattice import viewports


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
@example(-1.7e308, 1.7e308)
@example(1.7e308, 1.7e308)
@example(-1.7e308, -1.7e308)
@example(0.0, 0.0)
@example(5e-324, 5e-324)
def test_covering_is_a_sound_interval_around_the_data(a: float, b: float) -> None:
    low, high = min(a, b), max(a, b)
    start, end = covering(low, high)
    viewport = validate_viewport(start, end, *covering(None, None), 100, 100)
    assert viewport.x0 < viewport.x1
    if low >= -MAX_COORDINATE and high < MAX_COORDINATE:
        assert start <= low
        assert high < end


def test_covering_of_nothing_and_of_one_value() -> None:
    assert covering(None, None) == covering(None, 1.0) == covering(1.0, None) == (0.0, 1.0)
    start, end = covering(5.0, 5.0)
    assert (start, end) == (4.5, math.nextafter(5.5, 6))
    assert covering(1.0, 2.0) == (1.0, math.nextafter(2.0, 3))


@given(viewports())
def test_padding_keeps_a_viewport_sound(viewport: Viewport) -> None:
    extent: Extent = padded(viewport.extent, 0.02)
    wider = validate_viewport(*extent, 10, 10)
    assert wider.x0 <= viewport.x0 < viewport.x1 <= wider.x1
    assert wider.y0 <= viewport.y0 < viewport.y1 <= wider.y1


def test_padding_adds_to_both_ends() -> None:
    assert padded((0.0, 100.0, -1.0, 1.0), 0.02) == (-2.0, 102.0, -1.04, 1.04)
