"""The lattice of power-of-two cells, in integers and exact fractions: pure, and free of any table.

A cell of one axis is `[i * 2**e, (i + 1) * 2**e)`; a tile is 256 x 256 cells; every axis has its own exponent.
"""

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeAlias

from halftone.v1 import compute_pb2, frame_pb2
from halftone_servicekit.errors import ErrorCode, HalftoneError

TILE = 256
BLOCK = 8
MAX_SIDE = 4096
MAX_PIXELS = 8_388_608
# Tiles from the origin: 2**53 cells, as far as the edges of a tile are exact float64 numbers.
MAX_INDEX = 2**45

# Data units. Beyond it the upper edge of a tile could be no float64.
MAX_COORDINATE = 2.0**1000
# Cells are never smaller, so that no index of an ordinary number overflows a float64.
MIN_EXPONENT = -1000
MAX_EXPONENT = 1001

Glyph: TypeAlias = "compute_pb2.Glyph.ValueType"

# (x0, x1, y0, y1)
Extent = tuple[float, float, float, float]

# What stands for y where the glyph has none.
FLAT = (0.0, 1.0)


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


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """Names one tile: cells `256 * ix` to `256 * ix + 255` of size `2**ex`, and the same for y."""

    ex: int
    ix: int
    ey: int
    iy: int

    def to_proto(self) -> frame_pb2.TileAddress:
        """The message."""
        return frame_pb2.TileAddress(ex=self.ex, ix=self.ix, ey=self.ey, iy=self.iy)

    @classmethod
    def from_proto(cls, address: frame_pb2.TileAddress) -> "Address":
        """Raises `param_out_of_range` for a tile that no viewport can ask for."""
        if not (_is_reachable(address.ex, address.ix) and _is_reachable(address.ey, address.iy)):
            raise HalftoneError(ErrorCode.PARAM_OUT_OF_RANGE, "There is no such tile.", "tiles")
        return cls(address.ex, address.ix, address.ey, address.iy)


def _is_reachable(e: int, i: int) -> bool:
    if not (MIN_EXPONENT <= e <= MAX_EXPONENT and -MAX_INDEX <= i < MAX_INDEX):
        return False
    return cell_of(-MAX_COORDINATE, e + 8) <= i <= cell_of(MAX_COORDINATE, e + 8)


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


def viewport_from_proto(viewport: frame_pb2.Viewport, whole: Extent, glyph: Glyph) -> Viewport:
    """Checks a message; an absent extent is `whole`, and y is 0 to 1 for bins."""
    extent = viewport.extent
    given = (extent.x0, extent.x1, extent.y0, extent.y1) if viewport.HasField("extent") else whole
    if glyph == compute_pb2.GLYPH_BINS:
        given = (given[0], given[1], *FLAT)
    return validate_viewport(*given, viewport.width, viewport.height, viewport.exact_viewport)


def level_for(viewport: Viewport) -> tuple[int, int]:
    """(ex, ey): the finest level whose cells are at least one pixel on each axis, so 1 to 2 pixels.

    Two bounds may make it coarser: a cell is at least as wide as the gap between neighbouring float64 numbers at the
    outer end of the extent (a smaller one could not tell rows apart), and its exponent is at least -1000.
    """
    ex = _exponent(viewport.x0, viewport.x1, viewport.width)
    ey = _exponent(viewport.y0, viewport.y1, viewport.height)
    return ex, ey


def tiles_for(viewport: Viewport, ex: int, ey: int, glyph: Glyph) -> list[Address]:
    """The tiles that meet the half-open viewport, row by row from the least y; for bins one row of `ey = iy = 0`."""
    columns = _tile_range(viewport.x0, viewport.x1, ex)
    if glyph == compute_pb2.GLYPH_BINS:
        return [Address(ex, ix, 0, 0) for ix in columns]
    return [Address(ex, ix, ey, iy) for iy in _tile_range(viewport.y0, viewport.y1, ey) for ix in columns]


def extent_of(address: Address, glyph: Glyph = compute_pb2.GLYPH_POINTS) -> Extent:
    """(x0, x1, y0, y1) of a tile, half-open and exact; y is 0 to 1 for bins."""
    x0, x1 = _edges(address.ex, address.ix)
    y0, y1 = FLAT if glyph == compute_pb2.GLYPH_BINS else _edges(address.ey, address.iy)
    return x0, x1, y0, y1


def cell_of(value: float, e: int) -> int:
    """The index of the cell of size `2**e` that holds a finite value: the exact floor."""
    numerator, denominator = value.as_integer_ratio()
    return numerator // (denominator << e) if e >= 0 else (numerator << -e) // denominator


def block_of(address: Address) -> Address:
    """The block of 8 x 8 tiles around a tile: `ix` and `iy` divided by 8. Neighbours go to the same compute pod."""
    return replace(address, ix=address.ix // BLOCK, iy=address.iy // BLOCK)


def padded(extent: Extent, share: float) -> Extent:
    """The extent with a share of each side's length added at both of its ends, within the coordinates allowed."""
    x0, x1, y0, y1 = extent
    return *_padded(x0, x1, share), *_padded(y0, y1, share)


def covering(low: float | None, high: float | None) -> tuple[float, float]:
    """The half-open interval that holds `low` to `high`: the next float64 above `high` is its end.

    None (no finite value) gives 0 to 1; a single value lies in the middle of an interval around it.
    """
    if low is None or high is None:
        return FLAT
    low, high = (max(-MAX_COORDINATE, min(MAX_COORDINATE, bound)) for bound in (low, high))
    if low == high:
        half = max(0.5, abs(low) * 2.0**-20)
        low, high = low - half, high + half
    return max(low, -MAX_COORDINATE), min(math.nextafter(high, math.inf), MAX_COORDINATE)


def _padded(low: float, high: float, share: float) -> tuple[float, float]:
    margin = (high - low) * share
    return max(low - margin, -MAX_COORDINATE), min(high + margin, MAX_COORDINATE)


def _exponent(low: float, high: float, pixels: int) -> int:
    pixel = (Fraction(high) - Fraction(low)) / pixels
    # The bit lengths place a pixel between 2**(e - 1) and 2**(e + 1), both left out.
    e = pixel.numerator.bit_length() - pixel.denominator.bit_length()
    if Fraction(2) ** e < pixel:
        e += 1
    gap = math.frexp(math.ulp(max(abs(low), abs(high))))[1] - 1
    return max(e, gap, MIN_EXPONENT)


def _tile_range(low: float, high: float, e: int) -> range:
    # 2**8 cells: a tile is itself a cell of the level eight steps up.
    last = cell_of(high, e + 8)
    is_edge = Fraction(high) == last * Fraction(2) ** (e + 8)
    return range(cell_of(low, e + 8), last if is_edge else last + 1)


def _edges(e: int, i: int) -> tuple[float, float]:
    return math.ldexp(i * TILE, e), math.ldexp((i + 1) * TILE, e)


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
