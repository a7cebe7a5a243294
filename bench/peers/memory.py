"""Peers in this process: warm, ranges given, float32 columns in memory."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import datashader as ds
import duckdb
import numpy as np
import polars as pl
from numba import njit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from bench.engine.gestures import Look

    Draw = Callable[[Look], None]

# Numba reads these functions' arguments, not their annotations.
Array = np.ndarray[Any, np.dtype[Any]]


def datashader(frame: pd.DataFrame) -> Draw:
    """`Canvas.points` on pandas."""

    def draw(look: Look) -> None:
        view = look.viewport
        canvas = ds.Canvas(view.width, view.height, (view.x0, view.x1), (view.y0, view.y1))
        canvas.points(frame, "x", "y", ds.count())

    return draw


@njit(nogil=True)
def _count(xs: Array, ys: Array, x0: float, y0: float, per_x: float, per_y: float, out: Array) -> None:
    height, width = out.shape
    for i in range(xs.shape[0]):
        x, y = (xs[i] - x0) * per_x, (ys[i] - y0) * per_y
        if 0.0 <= x < width and 0.0 <= y < height:
            out[int(y), int(x)] += 1


def loop(frame: pd.DataFrame) -> Draw:
    """A plain loop over all rows, compiled."""
    xs, ys = frame["x"].to_numpy(), frame["y"].to_numpy()

    def draw(look: Look) -> None:
        view = look.viewport
        out = np.zeros((view.height, view.width), np.uint32)
        per_x, per_y = view.width / (view.x1 - view.x0), view.height / (view.y1 - view.y0)
        _count(xs, ys, view.x0, view.y0, per_x, per_y, out)

    return draw


def duckdb_table(parquet: Path, threads: int) -> Draw:
    """A group-by on a table in DuckDB's memory."""
    connection = duckdb.connect(config={"threads": threads})
    connection.execute("create table t as select x, y from read_parquet(?)", [str(parquet)])

    def draw(look: Look) -> None:
        view = look.viewport
        connection.execute(
            "select cast(floor((x - ?) * ?) as int) as i, cast(floor((y - ?) * ?) as int) as j, count(*) from t "
            "where x >= ? and x < ? and y >= ? and y < ? group by i, j",
            [
                view.x0,
                view.width / (view.x1 - view.x0),
                view.y0,
                view.height / (view.y1 - view.y0),
                view.x0,
                view.x1,
                view.y0,
                view.y1,
            ],
        ).fetchnumpy()

    return draw


def polars_table(parquet: Path) -> Draw:
    """A group-by on a frame in Polars' memory, with as many threads as there are cores."""
    table = pl.read_parquet(parquet)

    def draw(look: Look) -> None:
        view = look.viewport
        x, y = pl.col("x"), pl.col("y")
        table.lazy().filter((x >= view.x0) & (x < view.x1) & (y >= view.y0) & (y < view.y1)).select(
            ((x - view.x0) * (view.width / (view.x1 - view.x0))).floor().cast(pl.Int32).alias("i"),
            ((y - view.y0) * (view.height / (view.y1 - view.y0))).floor().cast(pl.Int32).alias("j"),
        ).group_by("i", "j").len().collect()

    return draw


def seconds(draw: Draw, look: Look) -> float:
    started = time.perf_counter()
    draw(look)
    return time.perf_counter() - started
