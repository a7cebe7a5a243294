"""Random questions about a random table: a plan of a reduction, and tiles or a free viewport."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from halftone.v1 import compute_pb2, frame_pb2
from halftone_servicekit.errors import ErrorCode
from halftone_views.glyph import glyph_of
from halftone_views.lattice import MAX_COORDINATE, MAX_EXPONENT, MIN_EXPONENT, Address, Viewport, cell_of
from halftone_views.lattice.transform import transforms
from halftone_views.plan import MAX_CATEGORY_PLANES
from halftone_views.transforms.category import CATEGORY
from hypothesis import strategies as st

from compute_rig.tables import CATEGORIES, LABELS
from compute_rig.ways import INDEX

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from halftone_views.columns import ColumnInfo
    from halftone_views.reduction import Reduction

    from compute_rig.tables import RandomTable
    from compute_rig.ways import Ways

LINEAR = compute_pb2.TRANSFORM_LINEAR
# None: bins.
_AXES = (("x", "y"), ("y", "x"), ("x", "x"), ("w", "y"), ("v", "w"), ("x", None), ("w", None), ("c", "x"), ("c", None))


def questions(table: RandomTable, ways: Ways, reduction: Reduction) -> st.SearchStrategy[compute_pb2.RenderAsk]:
    return _questions(table, ways, reduction)


@st.composite
def _questions(draw: st.DrawFn, table: RandomTable, ways: Ways, reduction: Reduction) -> compute_pb2.RenderAsk:
    plan = draw(_plans(reduction))
    fetch = compute_pb2.RenderAsk(plan=plan)
    placed = [table.rows.places(axis) for axis in ((plan.x, plan.y) if plan.HasField("y") else (plan.x,))]
    if draw(st.sampled_from(("tiles", "tiles", "tiles", "view"))) == "view":
        fetch.whole.CopyFrom(draw(_views(placed)).to_proto())
        return fetch
    stored = _stored(ways) if (plan.x.column, plan.y.column) == ("x", "y") else []
    tile = draw(_tiles(placed, stored))
    beside = draw(st.sampled_from(((), ((1, 0),), ((0, -1), (1, 1)))))
    for dx, dy in ((0, 0), *beside):
        flat = Address(tile.ex, tile.ix + dx, 0, 0)
        near = Address(tile.ex, tile.ix + dx, tile.ey, tile.iy + dy) if plan.HasField("y") else flat
        if near.to_proto() not in fetch.tiles:
            fetch.tiles.append(near.to_proto())
    return fetch


@st.composite
def _plans(draw: st.DrawFn, reduction: Reduction) -> compute_pb2.Plan:
    is_of_index = draw(st.sampled_from((True, True, False)))
    x, y = ("x", "y") if is_of_index else draw(st.sampled_from(_AXES))
    codes = st.just(LINEAR) if is_of_index else st.sampled_from((LINEAR, *transforms()))
    plan = compute_pb2.Plan(glyph=compute_pb2.GLYPH_BINS if y is None else compute_pb2.GLYPH_POINTS)
    plan.accumulators[:] = reduction.gathered()
    # Categories have no other place than their steps.
    plan.x.column, plan.x.transform = x, CATEGORY.code if x == "c" else draw(codes)
    if y is None and not transforms()[plan.x.transform].has_steps:
        plan.x.width = draw(st.sampled_from((0.0, 0.1, 0.3, 7.0, 86_400.0)))
    if y is not None:
        plan.y.column, plan.y.transform = y, draw(codes)
    if reduction.needs_value:
        plan.value = draw(st.sampled_from(("v", "v", "w", "x")))
    category = draw(st.sampled_from(("c", "k") if reduction.of_categories else ("", "", "c", "k")))
    if category:
        plan.category = category
        known = CATEGORIES if category == "c" else LABELS
        plan.category_planes = min(draw(st.sampled_from((1, 3, MAX_CATEGORY_PLANES))), known)
        plan.category_other = plan.category_planes < known and draw(st.booleans())
    return plan


def _stored(ways: Ways) -> list[Address]:
    index = ways.version(INDEX).index
    directory = index.pyramid().directory if index is not None else ()
    return [Address(*(int(entry[name]) for name in ("ex", "ix", "ey", "iy"))) for entry in directory]


@st.composite
def _tiles(draw: st.DrawFn, placed: Sequence[Sequence[float | None]], stored: Sequence[Address]) -> Address:
    """A stored one, or one around a row: of a stored level, of a finer, coarser or stretched one, or of any."""
    rows = [row for row in zip(*placed, strict=True) if None not in row]
    # Mostly coarser by little: such a tile is made of several stored ones and the rows beside them.
    shift = st.integers(0, 2) | st.integers(0, 2) | st.integers(-14, 14)
    is_one, is_near = (bool(draw(st.booleans())) for _ in range(2))
    if stored and (is_one or not rows):
        return draw(st.sampled_from(stored))
    spot = draw(st.sampled_from(rows)) if rows else (0.0, 0.0)
    if stored and is_near:
        level = draw(st.sampled_from(stored))
        usual = [level.ex, level.ey]
    else:
        usual = [_level(side) for side in placed]
    sides: list[tuple[int, int]] = []
    for at, exponent in zip(spot, usual, strict=False):
        e = min(max(exponent + draw(shift), MIN_EXPONENT), MAX_EXPONENT)
        sides.append((e, cell_of(at, e + 8)))
    return Address(*sides[0], *(sides[1] if len(sides) > 1 else (0, 0)))


def _level(side: Sequence[float | None]) -> int:
    """The exponent of cells of which some hundreds hold all rows."""
    most = max((abs(at) for at in side if at is not None), default=1.0)
    return math.frexp(most)[1] - 8


@st.composite
def _views(draw: st.DrawFn, placed: Sequence[Sequence[float | None]]) -> Viewport:
    """Edges at rows, beside them and anywhere."""
    sides = []
    for side in placed:
        at = [value for value in side if value is not None and abs(value) < MAX_COORDINATE] or [0.0]
        edge = st.sampled_from(at) | st.floats(-1e3, 1e3)
        beside = st.tuples(edge, st.sampled_from((-math.inf, math.inf))).map(lambda pair: math.nextafter(*pair))
        low, high = sorted((draw(edge | beside), draw(edge | beside)))
        # Narrower ones are lifted, which Datashader knows nothing of: `test_free` has them.
        if high - low < 1e-200:
            low, high = low - 1.0 - abs(low) / 4, high + 1.0 + abs(high) / 4
        bounds = max(low, -MAX_COORDINATE), min(high, MAX_COORDINATE)
        sides.append((*bounds, draw(st.integers(1, 40))))
    (x0, x1, width), (y0, y1, height) = sides if len(sides) > 1 else (*sides, (0.0, 1.0, 1))
    return Viewport(x0, x1, y0, y1, width, height, exact=True)


def places_of(fetch: compute_pb2.RenderAsk) -> list[Address | Viewport]:
    """Where the pieces of a request lie, in its order."""
    if not fetch.HasField("whole"):
        return [Address(tile.ex, tile.ix, tile.ey, tile.iy) for tile in fetch.tiles]
    extent, whole = fetch.whole.extent, fetch.whole
    view = Viewport(extent.x0, extent.x1, extent.y0, extent.y1, whole.width, whole.height, exact=True)
    return [view.flat() if glyph_of(fetch.plan.glyph).is_flat else view]


def refusals(columns: Mapping[str, ColumnInfo], fetch: compute_pb2.RenderAsk) -> set[tuple[ErrorCode, str]]:
    """For which codes and fields a request may be refused: nothing is rounded, and only what exists is drawn."""
    plan = fetch.plan
    found = set()
    for side, axis in (("x", plan.x), ("y", plan.y)):
        if axis.column and not columns[axis.column].is_exact:
            found.add((ErrorCode.UNSUPPORTED_TYPE, f"plan.{side}.column"))
        if axis.column and columns[axis.column].type not in transforms()[axis.transform].accepts:
            found.add((ErrorCode.UNSUPPORTED_TYPE, f"plan.{side}.transform"))
    if plan.x.width:
        found.add((ErrorCode.PARAM_OUT_OF_RANGE, "plan.x.width"))
    if plan.value and not columns[plan.value].is_exact:
        found.add((ErrorCode.UNSUPPORTED_TYPE, "plan.value"))
    if any(not _is_reachable(tile) for tile in fetch.tiles):
        found.add((ErrorCode.PARAM_OUT_OF_RANGE, "tiles"))
    return found


def _is_reachable(tile: frame_pb2.TileAddress) -> bool:
    """Whether all cells of a tile lie where rows may, and have numbers that float64 holds."""
    return all(
        abs(cell) <= 2**53 and abs(math.ldexp(1.0, exponent) * cell) <= MAX_COORDINATE
        for exponent, index in ((tile.ex, tile.ix), (tile.ey, tile.iy))
        for cell in (index * 256, (index + 1) * 256)
    )
