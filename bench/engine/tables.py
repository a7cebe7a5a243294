"""The engine in this process on tables of several sizes and spreads, beside its peers."""

from __future__ import annotations

import os
import statistics
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bench.engine import bars
from bench.engine.asked import asked, questions
from bench.engine.bar import Bar
from bench.engine.frames import Drawer, datashader_grid
from bench.engine.gestures import Look, look, mixed
from bench.engine.imported import Imported, imported, removed
from bench.engine.sizes import LARGEST, SIZES, SPREADS
from bench.engine.spreads import writer_of
from bench.engine.stretches import stretches
from bench.peers.memory import seconds
from bench.peers.together import together

if TYPE_CHECKING:
    from pathlib import Path

VIEWS = 60
WHOLE = look(0.0, 0.0, 8.0, 6.0)


@dataclass
class Measured:
    """Bars, and by "spread rows" what else was measured."""

    bars: list[Bar] = field(default_factory=list)
    tables: dict[str, object] = field(default_factory=dict)


def measure(folder: Path) -> Measured:
    found = Measured()
    for spread in SPREADS:
        p50 = [_table(folder, spread, rows, found) for rows in SIZES]
        found.bars.append(
            Bar(2, f"frame p50 at {LARGEST:.0e} over that at {SIZES[0]:.0e}, {spread}", p50[-1] / p50[0], 1.5, "itself")
        )
    return found


def _table(folder: Path, spread: str, rows: int, found: Measured) -> float:
    """Measures one table; milliseconds of a frame at the median."""
    looks = list(mixed(VIEWS))
    table = imported(folder / f"{spread}-{rows}", rows, writer_of(spread))
    drawer = Drawer(table.version)
    ms = _warm_ms(drawer, looks)
    peers, reasons = _compared(table, drawer, looks[:: VIEWS // 5])
    found.tables[f"{spread} {rows}"] = {**_figures(table, drawer, ms, looks), "peers ms": peers, "no peers": reasons}
    if rows == SIZES[0]:
        found.bars.append(bars.equality(spread, _equal_share(table, drawer, looks[::6])))
    if rows == LARGEST:
        found.bars += bars.of_frames(spread, ms, peers, reasons)
        found.bars += bars.of_bytes(spread, drawer, looks[::6])
        found.bars += bars.of_import(spread, table)
        _of_background(folder / "room", spread, table, statistics.median(ms), found)
    removed(table)
    return statistics.median(ms)


def _of_background(folder: Path, spread: str, table: Imported, p50: float, found: Measured) -> None:
    shapes = stretches(table.version, folder / "shapes")
    found.tables[f"stretched {spread}"] = asdict(shapes)
    found.bars += bars.of_stretches(spread, shapes, p50)
    pictures = asked(table.version, folder / "asked", questions(table.version.rows))
    found.tables[f"asked {spread}"] = [asdict(each) for each in pictures]
    found.bars += bars.of_asked(spread, pictures)


def _warm_ms(drawer: Drawer, looks: list[Look]) -> list[float]:
    """Milliseconds of each view, drawn once before."""
    for each in looks:
        drawer.frame(each)
    return [drawer.frame(each).ms for each in looks]


def _compared(table: Imported, drawer: Drawer, looks: list[Look]) -> tuple[dict[str, float], dict[str, str]]:
    """Milliseconds by peer, and ours, in turn, medians over a few views; and why others are missing."""
    with together(table.parquet, WHOLE) as (draws, reasons):
        times: dict[str, list[float]] = {name: [] for name in ("Halftone", *draws)}
        for each in looks:
            for name, draw in draws.items():
                times[name].append(seconds(draw, each) * 1000)
            times["Halftone"].append(drawer.frame(each).ms)
    return {name: statistics.median(ms) for name, ms in times.items()}, reasons


def _equal_share(table: Imported, drawer: Drawer, looks: list[Look]) -> float:
    """Share of cells that equal Datashader's."""
    frame = pd.read_parquet(table.parquet)
    same = cells = 0
    for each in looks:
        grid = drawer.grid(each)
        same += int((grid == datashader_grid(frame, each)).sum())
        cells += grid.size
    return same / cells


def _figures(table: Imported, drawer: Drawer, ms: list[float], looks: list[Look]) -> dict[str, object]:
    rows, cores = table.version.rows, len(os.sched_getaffinity(0))
    receipts = [drawer.frame(each).receipt for each in looks]
    return {
        "p50 ms": statistics.median(ms),
        "p95 ms": float(np.percentile(ms, 95)),
        "import rows a second": rows / table.seconds,
        "cores": cores,
        "peak memory": table.memory,
        "index bytes a row": table.index_bytes / rows,
        "most rows read": max(receipt.rows_scanned for receipt in receipts),
        "most tiles read": max(receipt.tiles_read for receipt in receipts),
    }
