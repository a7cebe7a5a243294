"""Random tables of every spread and type of column, and questions about them: for property tests of whole pictures."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from compute_rig.exact import Rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from halftone_views.columns import ColumnType

FLOATS, WHOLE = ("f4", "f8"), ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8")
SPREADS = ("random", "skewed", "duplicates", "edges", "odd")
# The tree over such rows has thousands of levels, which takes its time.

CATEGORIES, LABELS = 20, 5
_ODD = (math.nan, math.inf, -math.inf, 0.0, -0.0, 1.0, -1.0, 255.5, 2.0**-30, -(2.0**-30))
_FAR = (5e-324, -5e-324, 1e-310, -1e-45, 1e300, -1e300, 2.0**1000, -(2.0**1000), math.nextafter(2.0**1000, 0.0))


@dataclass(frozen=True)
class RandomTable:
    """`types` of columns that are no numbers, `offset` that of the levels of an index of x and y."""

    rows: Rows
    types: Mapping[str, ColumnType]
    offset: int

    @property
    def count(self) -> int:
        return len(self.rows.values["x"])


@st.composite
def tables(draw: st.DrawFn) -> RandomTable:
    """Axes x and y, a second number w, values v, categories c, and few whole numbers k that are categories too."""
    count = draw(st.sampled_from((0, 1, 2, 9, 60, 200, 200, 200)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    values: dict[str, np.ndarray] = {}
    valid: dict[str, np.ndarray] = {}
    types: dict[str, ColumnType] = {"c": "category"}
    for name in "xywv":
        dtype = draw(st.sampled_from((*FLOATS, *FLOATS, *WHOLE, "time")))
        if dtype == "time":
            dtype, types[name] = "i8", "time"
        spread = spread_of(draw(st.sampled_from((*SPREADS, *SPREADS, "far"))), count, rng)
        if name == "v" and dtype in FLOATS:
            # Sums and squares of what is greater leave float64.
            spread = np.where(np.abs(spread) > 1e100, rng.choice((math.nan, math.inf, 1e30, -1e30), count), spread)
        if name == "v" and dtype in WHOLE and draw(st.booleans()):
            with np.errstate(over="ignore"):
                spread = spread * 2.0 ** draw(st.integers(0, 60))
        values[name] = cast(spread, dtype)
        if dtype in WHOLE and draw(st.booleans()):
            valid[name] = rng.random(count) < 0.8
            values[name][~valid[name]] = 0
    values["k"] = rng.integers(0, LABELS, count).astype("u1")
    values["c"] = rng.geometric(0.2, count).clip(1, CATEGORIES).astype(np.int32) - 1
    return RandomTable(Rows(values, valid), types, draw(st.sampled_from((0, -2, 3))))


def spread_of(kind: str, count: int, rng: np.random.Generator) -> np.ndarray:
    """float64 of shape (count,): numbers that are hard for one part of the engine or another."""
    if kind == "random":
        return rng.normal(size=count) * 2.0 ** rng.integers(-6, 12)
    if kind == "skewed":
        far = np.exp(rng.normal(size=count) * 6) * rng.choice((1.0, -1.0), count)
        return np.where(rng.random(count) < 0.5, 3.5, far)
    if kind == "duplicates":
        return rng.choice(rng.normal(size=3) * 100, count)
    if kind == "edges":
        edges = rng.integers(-520, 520, count) * 2.0 ** rng.integers(-4, 8)
        return np.nextafter(edges, edges + rng.integers(-1, 2, count))
    odd = _ODD if kind == "odd" else (*_ODD, *_FAR)
    return np.where(rng.random(count) < 0.5, rng.choice(odd, count), rng.integers(-300, 300, count))


def cast(found: np.ndarray, dtype: str) -> np.ndarray:
    """The nearest numbers of a type."""
    kind = np.dtype(dtype)
    if kind.kind == "f":
        with np.errstate(over="ignore", under="ignore"):
            return found.astype(kind)
    bounds = np.iinfo(kind)
    whole = (min(max(int(value), bounds.min), bounds.max) if math.isfinite(value) else 0 for value in found.tolist())
    return np.array(list(whole), kind)
