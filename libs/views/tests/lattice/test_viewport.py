"""Viewports: every bad one is refused with its field."""

import math

import pytest
from halftone.v1 import compute_pb2, frame_pb2
from halftone_servicekit.errors import HalftoneError
from halftone_views.lattice import (
    FLAT,
    MAX_COORDINATE,
    MAX_PIXELS,
    Viewport,
    validate_viewport,
    viewport_from_proto,
)
from halftone_views.lattice.viewport import on_steps

POINTS = compute_pb2.GLYPH_POINTS
BINS = compute_pb2.GLYPH_BINS


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"x0": math.nan}, "param_invalid", "viewport.x0"),
        ({"x1": math.inf}, "param_invalid", "viewport.x1"),
        ({"y0": -math.inf}, "param_invalid", "viewport.y0"),
        ({"y1": "1"}, "param_invalid", "viewport.y1"),
        ({"y1": None}, "param_invalid", "viewport.y1"),
        ({"y1": True}, "param_invalid", "viewport.y1"),
        ({"x0": 1, "x1": 1}, "param_invalid", "viewport.x0"),
        ({"y0": 2, "y1": 1}, "param_invalid", "viewport.y0"),
        ({"x0": 2**53, "x1": 2**53 + 1}, "param_invalid", "viewport.x0"),
        ({"x1": math.nextafter(MAX_COORDINATE, math.inf)}, "param_out_of_range", "viewport.x1"),
        ({"x1": 10**400}, "param_out_of_range", "viewport.x1"),
        ({"x0": -(10**400)}, "param_out_of_range", "viewport.x0"),
        ({"width": 0}, "param_out_of_range", "viewport.width"),
        ({"height": -1}, "param_out_of_range", "viewport.height"),
        ({"width": 4097}, "param_out_of_range", "viewport.width"),
        ({"width": 100_000, "height": 100_000}, "param_out_of_range", "viewport.width"),
        ({"width": 4096, "height": 2049}, "param_out_of_range", "viewport.width"),
        ({"width": 10.0}, "param_invalid", "viewport.width"),
        ({"height": True}, "param_invalid", "viewport.height"),
    ],
)
def test_bad_viewports(changes: dict[str, object], code: str, field: str) -> None:
    values: dict[str, object] = {"x0": 0, "x1": 1.5, "y0": -1.0, "y1": 1, "width": 10, "height": 20, **changes}
    with pytest.raises(HalftoneError) as caught:
        validate_viewport(values["x0"], values["x1"], values["y0"], values["y1"], values["width"], values["height"])
    assert (caught.value.code, caught.value.field) == (code, field)


def test_good_viewports_at_the_limits() -> None:
    widest = validate_viewport(-MAX_COORDINATE, MAX_COORDINATE, 0, 5e-324, 4096, 2048)
    assert widest.width * widest.height == MAX_PIXELS
    viewport = validate_viewport(-0.0, 1, -1, 1, 1, 4096, True)
    assert (math.copysign(1, viewport.x0), type(viewport.x1), viewport.exact) == (1.0, float, True)


def test_a_viewport_goes_over_the_wire_and_back() -> None:
    viewport = Viewport(1.5, 2.5, -1.0, 1.0, 30, 20, True)
    assert viewport_from_proto(viewport.to_proto(), (0, 1, 0, 1), POINTS) == viewport
    assert viewport.extent == (1.5, 2.5, -1.0, 1.0)


def test_an_absent_extent_is_the_whole_one() -> None:
    message = frame_pb2.Viewport(width=3, height=4)
    assert viewport_from_proto(message, (0, 1, 2, 3), POINTS) == Viewport(0, 1, 2, 3, 3, 4)
    assert viewport_from_proto(message, (0, 1, 2, 3), BINS) == Viewport(0, 1, *FLAT, 3, 4)


def test_bins_ignore_y_even_when_it_is_wrong() -> None:
    extent = frame_pb2.Extent(x0=0, x1=1, y0=math.nan, y1=-3)
    message = frame_pb2.Viewport(extent=extent, width=3, height=4)
    assert viewport_from_proto(message, (0, 1, 0, 1), BINS) == Viewport(0, 1, 0, 1, 3, 4)
    with pytest.raises(HalftoneError, match=r"viewport\.y0"):
        viewport_from_proto(message, (0, 1, 0, 1), POINTS)


@pytest.mark.parametrize(
    ("low", "high", "met"),
    [
        (0.0, 7.0, (0, 7)),
        (-0.14, 7.14, (0, 7)),
        (2.3, 4.5, (2, 5)),
        (2.3, 2.4, (2, 3)),
        (6.0, 900.0, (6, 7)),
        (-90.0, -80.0, (0, 1)),
        (80.0, 90.0, (6, 7)),
        (-(2.0**1000), 2.0**1000, (0, 7)),
    ],
)
def test_an_axis_of_steps_has_a_cell_for_each_step_that_is_met(low: float, high: float, met: tuple[int, int]) -> None:
    first, last = met
    x = on_steps(Viewport(low, high, 3.0, 4.0, 640, 480, exact=True), 7, None)
    assert x == Viewport(first, last, 3.0, 4.0, last - first, 480, exact=True)
    y = on_steps(Viewport(3.0, 4.0, low, high, 640, 480), None, 7)
    assert y == Viewport(3.0, 4.0, first, last, 640, last - first)


def test_without_steps_a_viewport_stays_as_it_is() -> None:
    viewport = Viewport(0.5, 1.5, 3.0, 4.0, 640, 480)
    assert on_steps(viewport, None, None) is viewport
