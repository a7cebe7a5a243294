"""Peers that group all rows of a table in memory: by a category, and by columns of pixels along an axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Answer = Callable[[], object]
    Answers = dict[str, Answer]


def duckdb_answers(parquet: Path, threads: int, columns: int) -> Answers:
    """Answers by name of question; x lies between 0 and 1, of which there are so many columns of pixels."""
    connection = duckdb.connect(config={"threads": threads})
    connection.execute("create table t as select x, v, c from read_parquet(?)", [str(parquet)])

    def of(statement: str, *values: int) -> Answer:
        return lambda: connection.execute(statement, values).fetchnumpy()

    return {
        "bars": of("select c, avg(v), count(*) from t group by c"),
        "line": of(
            "select cast(floor(x * ?) as int) as i, min(v), max(v), arg_min(v, x), arg_max(v, x) from t group by i",
            columns,
        ),
    }


def polars_answers(parquet: Path, columns: int) -> Answers:
    """The same, with as many threads as there are cores."""
    table = pl.read_parquet(parquet).with_columns(pl.col("c").cast(pl.Categorical))
    x, v = pl.col("x"), pl.col("v")

    def bars() -> object:
        return table.lazy().group_by("c").agg(v.mean(), pl.len()).collect()

    def line() -> object:
        ends = (v.get(x.arg_min()).alias("first"), v.get(x.arg_max()).alias("last"))
        by_column = table.lazy().group_by((x * columns).floor().cast(pl.Int32).alias("i"))
        return by_column.agg(v.min().alias("least"), v.max().alias("greatest"), *ends).collect()

    return {"bars": bars, "line": line}
