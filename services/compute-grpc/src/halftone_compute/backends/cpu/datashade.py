"""Datashader's compiled reductions, fed block by block.

`Canvas.points` makes new arrays for every call; the `extend` below it adds rows into arrays that are given, without
the GIL. It is private API: the version is pinned, and the tests hold the sum of many blocks equal to one
`Canvas.points` call. Column names (x, y, v, c) and dtypes are fixed, so one compilation serves every dataset.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import datashader as ds
import numpy as np
import pandas as pd
from datashader.compiler import compile_components
from datashader.glyphs import Point
from datashader.utils import dshape_from_pandas
from halftone.v1 import compute_pb2

from halftone_compute.backends.datashader_axis import AXIS, Range, scale_and_translate

if TYPE_CHECKING:
    from halftone_views.codes import Accumulator

# Planes a category task may ask for; the list of categories is padded to this, whatever the dataset has.
CATEGORIES = 16
_CODES = pd.CategoricalDtype(list(range(CATEGORIES)))

# What one compilation gathers: rows, rows by category, or rows, values and one accumulator of the values.
Gathered: TypeAlias = "Accumulator | Literal['by category']"
BY_CATEGORY: Final = "by category"


@dataclass(frozen=True, slots=True)
class Compiled:
    """One compiled reduction."""

    create: Any
    extend: Any
    finalize: Any


class Canvas:
    """Arrays of one picture: `add` rows, then read `planes`."""

    def __init__(self, gathered: Gathered, width: int, height: int, x_range: Range, y_range: Range) -> None:
        self._engine = engine(gathered)
        self._arrays = self._engine.create((height, width))
        self._scales = scale_and_translate(x_range, width) + scale_and_translate(y_range, height)
        self._bounds = x_range + y_range
        self._attrs = {"x_range": x_range, "y_range": y_range}

    def add(self, rows: pd.DataFrame) -> None:
        """Adds rows of columns x, y (float64) and, as `gathered` needs, v (float64) or c (`coded`)."""
        self._engine.extend(self._arrays, rows, self._scales, self._bounds)

    def planes(self) -> dict[str, np.ndarray]:
        """Finished arrays by name: rows, valid, value (NaN where there is none), or codes (height, width, 16)."""
        height, width = self._arrays[0].shape[:2]
        coords = {"x": np.arange(width), "y": np.arange(height)}
        found = self._engine.finalize(self._arrays, cuda=False, coords=coords, dims=["y", "x"], attrs=self._attrs)
        return {str(name): found[name].data for name in found}


def frame(columns: dict[str, np.ndarray]) -> pd.DataFrame:
    """Rows for `Canvas.add`, without a copy of the float columns; `c` holds int codes, -1 for none."""
    data: dict[str, object] = dict(columns)
    if "c" in columns:
        data["c"] = pd.Categorical.from_codes(columns["c"].astype(np.int8), dtype=_CODES)
    return pd.DataFrame(data, copy=False)


@cache
def engine(gathered: Gathered) -> Compiled:
    reduction = _reduction(gathered)
    empty = np.empty(0)
    read = {compute_pb2.ACCUMULATOR_COUNT: "", BY_CATEGORY: "c"}.get(gathered, "v")
    schema = dshape_from_pandas(frame(dict.fromkeys(f"xy{read}", empty))).measure
    glyph = Point("x", "y")
    create, info, append, _, finalize, stage_2, stage_2_functions, _ = compile_components(
        reduction, schema, glyph, antialias=False, cuda=False, partitioned=False
    )
    extend = glyph._build_extend(AXIS.mapper, AXIS.mapper, info, append, stage_2, stage_2_functions)
    return Compiled(create, extend, finalize)


def _reduction(gathered: Gathered) -> ds.summary:
    match gathered:
        case compute_pb2.ACCUMULATOR_COUNT:
            return ds.summary(rows=ds.count())
        case compute_pb2.ACCUMULATOR_ADD:
            return ds.summary(rows=ds.count(), valid=ds.count("v"), value=ds.sum("v"))
        case compute_pb2.ACCUMULATOR_MIN:
            return ds.summary(rows=ds.count(), valid=ds.count("v"), value=ds.min("v"))
        case compute_pb2.ACCUMULATOR_MAX:
            return ds.summary(rows=ds.count(), valid=ds.count("v"), value=ds.max("v"))
        case compute_pb2.ACCUMULATOR_MOMENTS:
            return ds.summary(rows=ds.count(), valid=ds.count("v"), value=ds.var("v"))
    if gathered == BY_CATEGORY:
        return ds.summary(codes=ds.by("c", ds.count()))
    raise ValueError(f"no reduction for {gathered}")
