"""Bars and lines of a whole table: by a scan, and of stored totals, beside peers that group the same rows in memory."""

from __future__ import annotations

import os
import statistics
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from halftone.v1 import compute_pb2
from halftone_views.kinds.line import EVERY
from halftone_views.lattice import Address
from halftone_views.reduction import reduction_of

from bench.engine.asked import MEAN, Question, asked
from bench.engine.bar import Bar
from bench.engine.imported import imported, removed
from bench.engine.sizes import LARGEST
from bench.engine.spreads import PART
from bench.engine.tables import Measured
from bench.peers.groups import duckdb_answers, polars_answers

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bench.engine.asked import Asked
    from bench.peers.groups import Answers

_CATEGORIES = 256
_COLUMNS = 1024
_TIMES = 5


def answers(folder: Path) -> Measured:
    """Writes and imports the largest table, and leaves the disk as it was."""
    table = imported(folder / "answers", LARGEST, write)
    try:
        ours = asked(table.version, folder / "answers" / "room", questions())
        peers = _peers(table.parquet)
    finally:
        removed(table)
    details = {"ours": [asdict(each) for each in ours], "peers ms": peers}
    return Measured([bar for each in ours for bar in bars(each, peers)], {f"answers {LARGEST}": details})


def write(path: Path, rows: int) -> None:
    """x even between 0 and 1 and v normal, float32; c one of some labels, a few of which are most of the rows."""
    rng = np.random.default_rng(8)
    labels = pa.array([f"c{number:03d}" for number in range(_CATEGORIES)])
    weights = 1 / np.arange(1, _CATEGORIES + 1)
    schema = pa.schema([("x", pa.float32()), ("v", pa.float32()), ("c", pa.dictionary(pa.int32(), pa.string()))])
    with pq.ParquetWriter(path, schema, compression="none") as writer:
        for start in range(0, rows, PART):
            size = min(PART, rows - start)
            codes = rng.choice(_CATEGORIES, size, p=weights / weights.sum()).astype(np.int32)
            c = pa.DictionaryArray.from_arrays(codes, labels)
            columns = [pa.array(rng.random(size, np.float32)), pa.array(rng.standard_normal(size, np.float32)), c]
            writer.write_table(pa.table(columns, schema=schema))


def questions() -> list[Question]:
    """Mean of v by c, the ten greatest and all others; v along x with all of its values."""
    category, linear = compute_pb2.TRANSFORM_CATEGORY, compute_pb2.TRANSFORM_LINEAR
    bars = compute_pb2.Plan(glyph=compute_pb2.GLYPH_BINS, accumulators=MEAN, value="v")
    bars.x.column, bars.x.transform = "c", category
    mean = reduction_of("mean")
    bars.rank.finisher, bars.rank.top = mean.finisher, 10
    bars.rank.planes[:] = mean.planes
    line = compute_pb2.Plan(glyph=compute_pb2.GLYPH_BINS, accumulators=EVERY.gathered(), value="v")
    line.x.column, line.x.transform = "x", linear
    exponent = 1 - _COLUMNS.bit_length()
    return [
        Question("bars", bars, [Address(0, 0, 0, 0)]),
        Question("line", line, [Address(exponent, ix, 0, 0) for ix in range(_COLUMNS // 256)]),
    ]


def bars(ours: Asked, peers: Mapping[str, Mapping[str, float]]) -> list[Bar]:
    """What stored totals answer, over DuckDB; a scan of all rows, over Polars."""
    duckdb, polars = (peers[name][ours.name] for name in ("DuckDB", "Polars"))
    return [
        Bar(16, f"{ours.name} of the whole table, of stored totals", ours.later / duckdb, 0.05, "DuckDB"),
        Bar(16, f"{ours.name} of the whole table, by a scan", ours.all_cores / polars, 1.0, "Polars"),
    ]


def _peers(parquet: Path) -> dict[str, dict[str, float]]:
    """Milliseconds by peer and question, medians."""
    cores = len(os.sched_getaffinity(0))
    return {
        "DuckDB": _timed(duckdb_answers(parquet, cores, _COLUMNS)),
        "Polars": _timed(polars_answers(parquet, _COLUMNS)),
    }


def _timed(answers: Answers) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, answer in answers.items():
        answer()
        times = []
        for _ in range(_TIMES):
            started = time.perf_counter()
            answer()
            times.append((time.perf_counter() - started) * 1000)
        found[name] = statistics.median(times)
    return found
