"""A checked viewport, and the checks."""

import math
from dataclasses import dataclass, replace

from halftone.v1 import frame_pb2
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_views.codes import GlyphCode
from halftone_views.glyph import glyph_of
from halftone_views.lattice.extents import FLAT, MAX_COORDINATE, Extent

MAX_SIDE = 4096
MAX_PIXELS = 8_388_608


@dataclass(frozen=True, slots=True)
class Viewport:
    """A checked viewport: finite `x0 < x1` and `y0 < y1` in data units, size in device pixels."""

    x0: float
    x1: float
    y0: float
    y1: float
    width: int
    height: int
    exact: bool = False

    @property
    def extent(self) -> Extent:
        """(x0, x1, y0, y1)."""
        return self.x0, self.x1, self.y0, self.y1

    def flat(self) -> "Viewport":
        """The same viewport for a glyph without y: y from 0 to 1, one pixel high."""
        return replace(self, y0=FLAT[0], y1=FLAT[1], height=1)

    def to_proto(self) -> frame_pb2.Viewport:
        """The message, with its extent."""
        return frame_pb2.Viewport(
            extent=frame_pb2.Extent(x0=self.x0, x1=self.x1, y0=self.y0, y1=self.y1),
            width=self.width,
            height=self.height,
            exact_viewport=self.exact,
        )


def validate_viewport(
    x0: object, x1: object, y0: object, y1: object, width: object, height: object, exact: bool = False
) -> Viewport:
    """Raises `param_invalid` for what is no number or not finite and for `x0 >= x1`, `param_out_of_range` for a
    coordinate beyond 2**1000 or a size outside 1 to 4096 pixels a side and 8,388,608 in all.
    """
    a, b = _interval("x", x0, x1)
    c, d = _interval("y", y0, y1)
    w, h = _side("width", width), _side("height", height)
    if w * h > MAX_PIXELS:
        raise HalftoneError(ErrorCode.PARAM_OUT_OF_RANGE, f"A picture has at most {MAX_PIXELS} pixels.", _at("width"))
    return Viewport(a, b, c, d, w, h, exact)


def on_steps(viewport: Viewport, x_steps: int | None, y_steps: int | None) -> Viewport:
    """The viewport with a cell for each step where an axis has so many of them (None: it has none): those that it
    meets, at least one.
    """
    if x_steps is not None:
        first, last = _steps_met(viewport.x0, viewport.x1, x_steps)
        viewport = replace(viewport, x0=float(first), x1=float(last), width=last - first)
    if y_steps is not None:
        first, last = _steps_met(viewport.y0, viewport.y1, y_steps)
        viewport = replace(viewport, y0=float(first), y1=float(last), height=last - first)
    return viewport


def _steps_met(low: float, high: float, steps: int) -> tuple[int, int]:
    first = min(max(math.floor(low), 0), steps - 1)
    return first, max(first + 1, min(math.ceil(high), steps))


def viewport_from_proto(viewport: frame_pb2.Viewport, whole: Extent, glyph: GlyphCode) -> Viewport:
    """Checks a message; an absent extent is `whole`, and y is 0 to 1 for a flat glyph."""
    extent = viewport.extent
    given = (extent.x0, extent.x1, extent.y0, extent.y1) if viewport.HasField("extent") else whole
    if glyph_of(glyph).is_flat:
        given = (given[0], given[1], *FLAT)
    return validate_viewport(*given, viewport.width, viewport.height, viewport.exact_viewport)


def _interval(axis: str, low: object, high: object) -> tuple[float, float]:
    a, b = _coordinate(f"{axis}0", low), _coordinate(f"{axis}1", high)
    if a >= b:
        raise HalftoneError(ErrorCode.PARAM_INVALID, f"{axis}0 must be less than {axis}1.", _at(f"{axis}0"))
    return a, b


def _coordinate(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise HalftoneError(ErrorCode.PARAM_INVALID, f"{name} must be a number.", _at(name))
    if isinstance(value, float) and not math.isfinite(value):
        raise HalftoneError(ErrorCode.PARAM_INVALID, f"{name} must be finite.", _at(name))
    if abs(value) > MAX_COORDINATE:
        raise HalftoneError(ErrorCode.PARAM_OUT_OF_RANGE, f"{name} is beyond 2**1000.", _at(name))
    # Minus zero would be another canonical message for the same viewport.
    return float(value) + 0.0


def _side(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise HalftoneError(ErrorCode.PARAM_INVALID, f"{name} must be a whole number of pixels.", _at(name))
    if not 1 <= value <= MAX_SIDE:
        raise HalftoneError(ErrorCode.PARAM_OUT_OF_RANGE, f"{name} is 1 to {MAX_SIDE} pixels.", _at(name))
    return value


def _at(name: str) -> str:
    return f"viewport.{name}"
