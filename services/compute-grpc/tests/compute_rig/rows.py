"""Random rows, the pieces made of them, and what Datashader and exact arithmetic say about the same rows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import datashader as ds
import numpy as np
import pandas as pd
from halftone.v1 import compute_pb2
from halftone_compute.backends.base import Cancel
from halftone_compute.backends.cpu.engine import CpuEngine
from halftone_compute.backends.engines import Engines
from halftone_compute.render.background.room import BackgroundRoom
from halftone_compute.render.background.tile_sets import TileSets
from halftone_compute.render.job import Place, RenderJob
from halftone_compute.render.read.rows import RowReader
from halftone_compute.render.renderer import Renderer
from halftone_compute.render.scan import Scan
from halftone_servicekit.tokens import Grant
from halftone_views.lattice import Address, cell_of
from halftone_views.quantity import quantity_of
from halftone_views.reduction import reduction_of
from halftone_wire import decode_piece, finish
from hypothesis import strategies as st

from compute_rig.client import plan
from compute_rig.memory import MemoryVersion
from compute_rig.tokens import DATASET, VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from halftone.v1 import frame_pb2
    from halftone_compute.backends.base import Engine

GRANT = Grant("someone", DATASET, VERSION, "manifest.json", frozenset("*"), "0" * 64, "view", math.inf)
CATEGORIES = 16


def plan_of(
    reduction: str, *, other: bool = False, planes: int = CATEGORIES, category: str = "", flat: bool = False
) -> compute_pb2.Plan:
    """A plan that gathers what a reduction of v needs; "by": the rows of each category of c. `flat`: bins of x."""
    category, reduction = ("c", "count") if reduction == "by" else (category, reduction)
    known = reduction_of(reduction)
    made = plan(accumulators=known.gathered(), value="v" if known.needs_value else "")
    if category:
        made.category, made.category_planes, made.category_other = category, planes, other
    if flat:
        made.glyph = compute_pb2.GLYPH_BINS
        made.ClearField("y")
    return made


def made(version: MemoryVersion, reduction: str, places: Sequence[Place], **options: Any) -> list[np.ndarray]:  # noqa: ANN401 - passed on as they are
    """The finished grid of each place, through one scan, the wire's bytes and back."""
    pieces: list[compute_pb2.EncodedPiece] = []
    keyed = {str(index).encode(): place for index, place in enumerate(places)}
    job = RenderJob(GRANT, version, plan_of(reduction, **options), keyed)
    Renderer(Engines(CpuEngine()), 1 << 30).render(job, Cancel(), pieces.append)
    shown = shown_by(reduction, options.get("category", ""))
    return [finish(shown, decode_piece(piece.piece).planes) for piece in pieces]


def scan_by(engine: Engine, most_bytes: int = 1 << 30) -> Scan:
    """The strategy that reads rows, by one engine."""
    rows = RowReader(Engines(engine), most_bytes)
    return Scan(rows, TileSets(rows, BackgroundRoom(None, 0)))


def shown_by(reduction: str, category: str = "") -> frame_pb2.Quantity:
    """The quantity of a reduction of v; "by": the rows of each category of c."""
    if reduction == "by":
        return quantity_of(reduction_of("count"), category="c")
    return quantity_of(reduction_of(reduction), "v", category=category)


@cache
def _everything() -> ds.summary:
    return ds.summary(
        count=ds.count(),
        any=ds.any(),
        sum=ds.sum("v"),
        mean=ds.mean("v"),
        min=ds.min("v"),
        max=ds.max("v"),
        std=ds.std("v"),
        var=ds.var("v"),
        first=ds.first("v"),
        last=ds.last("v"),
        power=ds.sum("v2"),
        by=ds.by("c", ds.count()),
    )


def datashader_grids(
    rows: Mapping[str, np.ndarray], extent: tuple[float, float, float, float], width: int, height: int
) -> dict[str, np.ndarray]:
    """One `Canvas.points` call for every reduction. Axes and values become float64, so that it compiles once.

    `power` is the sum of squares about zero: what the rounding of a spread is measured by.
    """
    frame = pd.DataFrame({name: rows[name].astype(np.float64) for name in ("x", "y", "v")})
    frame["v2"] = frame["v"] ** 2
    frame["c"] = pd.Categorical.from_codes(rows["c"], dtype=pd.CategoricalDtype(list(range(CATEGORIES))))
    canvas = ds.Canvas(width, height, x_range=extent[:2], y_range=extent[2:])
    found = canvas.points(frame, "x", "y", _everything())
    return {str(name): found[name].data for name in found}


def assert_same(found: np.ndarray, grids: Mapping[str, np.ndarray], reduction: str, values: np.ndarray) -> None:
    """A finished grid against Datashader's of the same reduction and values: equal, sums within their rounding."""
    expected = grids[reduction]
    if reduction in ("std", "var"):
        np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
        # Datashader takes each mean from a sum about zero, so its squares are off by some roundings of n · Σ v².
        bound = 8 * np.nan_to_num(grids["power"]) * len(values) * np.finfo(np.float64).eps + 1e-300
        power = 2 if reduction == "std" else 1
        assert np.all(np.abs(np.nan_to_num(found) ** power - np.nan_to_num(expected) ** power) <= bound)
    elif reduction in ("sum", "mean"):
        bound = np.nansum(np.abs(values.astype(np.float64))) * 2**-50
        np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
        np.testing.assert_allclose(np.nan_to_num(found), np.nan_to_num(expected), rtol=0, atol=bound)
    else:
        np.testing.assert_array_equal(found, expected.astype(found.dtype))


def cells_of(values: np.ndarray, exponent: int) -> list[int | None]:
    """The exact cell of each value, by integer arithmetic; None for what lies in no cell."""
    return [cell_of(float(value), exponent) if math.isfinite(value) else None for value in values.tolist()]


@dataclass(frozen=True)
class Scene:
    """Rows and the tiles to look at them through."""

    rows: dict[str, np.ndarray]
    tiles: tuple[Address, ...]

    @property
    def version(self) -> MemoryVersion:
        return MemoryVersion(VERSION, self.rows, {"c": "category"}, block_rows=7)


AXES = ("f4", "f8", "i4", "i8", "u1")


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """Rows in, on the edges of, and around the tiles of one level."""
    count = draw(st.integers(0, 30))
    exponents = [draw(st.integers(-12, 12)) for _ in "xy"]
    corners = [draw(st.integers(-2, 1)) for _ in "xy"]
    rows = {
        name: draw(_axis(draw(st.sampled_from(AXES)), exponent, corner, count))
        for name, exponent, corner in zip("xy", exponents, corners, strict=True)
    }
    rows["v"] = draw(_values(draw(st.sampled_from(("f4", "f8", "i4", "u1"))), count))
    rows["c"] = np.array(draw(st.lists(st.integers(0, 15), min_size=count, max_size=count)), np.int32)
    places = draw(st.sets(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1))
    tiles = tuple(Address(exponents[0], corners[0] + i, exponents[1], corners[1] + j) for i, j in sorted(places))
    return Scene(rows, tiles)


def _axis(dtype: str, exponent: int, corner: int, count: int) -> st.SearchStrategy[np.ndarray]:
    """Whole cells and halves around the corner tile, their neighbours among the floats, and odd numbers."""
    cell = 2.0**exponent
    edges = st.integers(-520, 520).map(lambda half: (corner * 256 + half / 2 + 128) * cell)
    beside = st.tuples(edges, st.sampled_from((-math.inf, math.inf))).map(lambda pair: math.nextafter(*pair))
    odd = st.sampled_from((math.nan, math.inf, -math.inf, 0.0, -0.0, 5e-324, -5e-324, 1e-310, -1e-45, 1e300, -1e300))
    one = st.one_of(edges, beside, st.floats(-600 * cell, 600 * cell), odd)
    return st.lists(one, min_size=count, max_size=count).map(lambda found: _cast(found, dtype))


def _values(dtype: str, count: int) -> st.SearchStrategy[np.ndarray]:
    one = st.one_of(st.floats(-1e6, 1e6), st.sampled_from((math.nan, 0.0, -0.0, 1e30, -1e30, 5e-324)))
    return st.lists(one, min_size=count, max_size=count).map(lambda found: _cast(found, dtype))


def _cast(found: list[float], dtype: str) -> np.ndarray:
    kind = np.dtype(dtype)
    if kind.kind == "f":
        with np.errstate(over="ignore"):
            return np.array(found, np.float64).astype(kind)
    bounds = np.iinfo(kind)
    low, high = max(bounds.min, -(2**53) + 1), min(bounds.max, 2**53 - 1)
    return np.array([0 if math.isnan(x) else int(min(max(x, low), high)) for x in found], kind)
