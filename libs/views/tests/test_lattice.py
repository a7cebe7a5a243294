"""The lattice in exact arithmetic: every claim is checked with fractions, from subnormal to enormous extents."""

import math
from fractions import Fraction

import pytest
from halftone.v1 import compute_pb2, frame_pb2
from halftone_servicekit.errors import HalftoneError
from halftone_views.lattice import (
    FLAT,
    MAX_COORDINATE,
    MAX_INDEX,
    MAX_PIXELS,
    MAX_SIDE,
    MIN_EXPONENT,
    TILE,
    Address,
    Extent,
    Viewport,
    block_of,
    cell_of,
    covering,
    extent_of,
    level_for,
    padded,
    tiles_for,
    validate_viewport,
    viewport_from_proto,
)
from hypothesis import assume, example, given
from hypothesis import strategies as st

POINTS = compute_pb2.GLYPH_POINTS
BINS = compute_pb2.GLYPH_BINS

coordinates = st.floats(-MAX_COORDINATE, MAX_COORDINATE, allow_nan=False)
sides = st.integers(1, MAX_SIDE)


@st.composite
def intervals(draw: st.DrawFn) -> tuple[float, float]:
    """Any two different numbers, or one number and a near neighbour."""
    low = draw(coordinates)
    if draw(st.booleans()):
        high = draw(coordinates)
    else:
        high = math.nextafter(low, math.inf) if draw(st.booleans()) else low + abs(low) * 2.0**-40
    assume(low < high <= MAX_COORDINATE)
    return low, high


@st.composite
def viewports(draw: st.DrawFn) -> Viewport:
    width, height = draw(sides), draw(sides)
    assume(width * height <= MAX_PIXELS)
    return Viewport(*draw(intervals()), *draw(intervals()), width, height)


def size(e: int) -> Fraction:
    return Fraction(2) ** e


@given(intervals(), sides)
@example((0.0, 256.0), 256)
@example((0.0, 5e-324), 1)
@example((-MAX_COORDINATE, MAX_COORDINATE), 1)
@example((1e16, 1e16 + 2), 4096)
@example((-1e-300, 1e300), 4096)
def test_cells_are_one_to_two_pixels_unless_floats_are_coarser(interval: tuple[float, float], pixels: int) -> None:
    low, high = interval
    e, _ = level_for(Viewport(low, high, 0, 1, pixels, 1))
    pixel = (Fraction(high) - Fraction(low)) / pixels
    gap = Fraction(math.ulp(max(abs(low), abs(high))))
    assert size(e) >= pixel
    assert size(e) >= gap
    assert e >= MIN_EXPONENT
    # It is the finest of all that satisfy these.
    finer = size(e - 1)
    assert finer < pixel or finer < gap or e == MIN_EXPONENT


def test_axes_have_their_own_exponents() -> None:
    assert level_for(Viewport(0, 1024, 0, 1, 1024, 512)) == (0, -9)
    assert level_for(Viewport(0, 1025, 0, 1, 1024, 513)) == (1, -9)
    assert level_for(Viewport(0, 1e6, -3, 3, 1000, 600)) == (10, -6)


@given(viewports())
@example(Viewport(-1, 1, -5e-324, 5e-324, 1, 1))
@example(Viewport(0, 4096, 0, 2048, 4096, 2048))
@example(Viewport(-MAX_COORDINATE, MAX_COORDINATE, 1e16, 1e16 + 2, 4096, 2048))
def test_tiles_cover_the_viewport_without_a_gap_and_without_waste(viewport: Viewport) -> None:
    ex, ey = level_for(viewport)
    tiles = tiles_for(viewport, ex, ey, POINTS)
    columns, rows = sorted({tile.ix for tile in tiles}), sorted({tile.iy for tile in tiles})
    assert tiles == [Address(ex, ix, ey, iy) for iy in rows for ix in columns]
    for e, indices, low, high in ((ex, columns, viewport.x0, viewport.x1), (ey, rows, viewport.y0, viewport.y1)):
        assert indices == list(range(indices[0], indices[-1] + 1))
        edges = [index * TILE * size(e) for index in (*indices, indices[-1] + 1)]
        assert edges[0] <= Fraction(low) < edges[1]
        assert edges[-2] < Fraction(high) <= edges[-1]


@given(viewports())
def test_a_frame_has_no_more_cells_than_pixels_and_one_ring_of_tiles(viewport: Viewport) -> None:
    ex, ey = level_for(viewport)
    tiles = tiles_for(viewport, ex, ey, POINTS)
    bound = math.prod(math.ceil(side / TILE) + 1 for side in (viewport.width, viewport.height))
    assert 1 <= len(tiles) <= bound
    span = Fraction(viewport.x1) - Fraction(viewport.x0)
    assert span / size(ex) <= viewport.width


@given(viewports())
def test_every_tile_has_exact_edges_and_is_accepted_from_the_wire(viewport: Viewport) -> None:
    for tile in tiles_for(viewport, *level_for(viewport), POINTS):
        x0, x1, y0, y1 = extent_of(tile)
        assert (Fraction(x0), Fraction(x1)) == (tile.ix * TILE * size(tile.ex), (tile.ix + 1) * TILE * size(tile.ex))
        assert (Fraction(y0), Fraction(y1)) == (tile.iy * TILE * size(tile.ey), (tile.iy + 1) * TILE * size(tile.ey))
        assert Address.from_proto(tile.to_proto()) == tile


@given(coordinates, st.integers(-1074, 1010))
@example(-5e-324, 1000)
@example(-0.0, 3)
def test_the_cell_of_a_number_is_the_exact_floor(value: float, e: int) -> None:
    index = cell_of(value, e)
    assert index * size(e) <= Fraction(value) < (index + 1) * size(e)


def test_bins_are_one_row_of_tiles() -> None:
    viewport = Viewport(-1000, 1000, -5, 5, 1000, 700)
    tiles = tiles_for(viewport, *level_for(viewport), BINS)
    assert tiles == [Address(1, ix, 0, 0) for ix in (-2, -1, 0, 1)]
    assert extent_of(tiles[0], BINS) == (-1024.0, -512.0, 0.0, 1.0)
    assert viewport.flat() == Viewport(-1000, 1000, 0, 1, 1000, 1)


def test_an_upper_edge_on_a_tile_edge_needs_no_further_tile() -> None:
    assert tiles_for(Viewport(0, 256, -256, 0, 256, 256), 0, 0, POINTS) == [Address(0, 0, 0, -1)]


def test_blocks_hold_eight_by_eight_tiles() -> None:
    assert block_of(Address(3, 7, -2, 8)) == Address(3, 0, -2, 1)
    assert block_of(Address(3, -1, -2, -9)) == Address(3, -1, -2, -2)


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
    "address",
    [
        Address(-1001, 0, 0, 0),
        Address(0, 0, 1002, 0),
        Address(0, MAX_INDEX, 0, 0),
        Address(0, 0, 0, -MAX_INDEX - 1),
        Address(1001, 1, 0, 0),
        Address(990, 0, 990, 8),
        Address(0, 2**62, 0, 0),
        Address(2**31 - 1, 0, -(2**31), 0),
    ],
)
def test_tiles_beyond_the_lattice_are_refused(address: Address) -> None:
    with pytest.raises(HalftoneError) as caught:
        Address.from_proto(address.to_proto())
    assert (caught.value.code, caught.value.field) == ("param_out_of_range", "tiles")


def test_tiles_at_the_ends_of_the_lattice_are_accepted() -> None:
    for address in (Address(1001, -1, -1000, 0), Address(0, MAX_INDEX - 1, 0, -MAX_INDEX)):
        assert Address.from_proto(address.to_proto()) == address
        assert all(map(math.isfinite, extent_of(address)))


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
