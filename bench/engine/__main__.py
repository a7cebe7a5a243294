"""Runs the bench and prints a row for each bar: value, bar, peer, and whether it passes. Writes bench/out/engine.json.

`BENCH_QUICK=1` takes 10^5 and 10^6 rows, else 10^6, 10^7 and 10^8; `BENCH_HUGE=1` adds 10^9.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from bench.engine import peers
from bench.engine.asked import Asked, asked
from bench.engine.frames import Drawer, datashader_grid, png_bytes
from bench.engine.gestures import Look, look, mixed, stretched
from bench.engine.imported import MEMORY, Imported, imported, removed

OUT = Path(__file__).parents[1] / "out" / "engine.json"
VIEWS = 60
FACTORS = (2, 8, 32, 128, 1_000, 10_000, 100_000)
WHOLE = look(0.0, 0.0, 8.0, 6.0)


@dataclass(frozen=True)
class Bar:
    """One figure. `most`: whether it shall be at most the bar, else at least."""

    number: int
    figure: str
    value: float
    bar: float
    peer: str
    most: bool = True

    @property
    def passes(self) -> bool:
        return self.value <= self.bar if self.most else self.value >= self.bar

    def row(self) -> str:
        sign = "<=" if self.most else ">="
        verdict = "pass" if self.passes else "MISS"
        return f"{self.number:3}  {self.figure:62} {self.value:12.4g} {sign} {self.bar:<8.4g} {self.peer:28} {verdict}"


def sizes() -> list[int]:
    if os.environ.get("BENCH_QUICK"):
        return [100_000, 1_000_000]
    return [10**6, 10**7, 10**8, *([10**9] if os.environ.get("BENCH_HUGE") else [])]


def warm_ms(drawer: Drawer, looks: list[Look]) -> list[float]:
    """Milliseconds of each view, drawn once before."""
    for each in looks:
        drawer.frame(each)
    return [drawer.frame(each).ms for each in looks]


def compared(table: Imported, drawer: Drawer, looks: list[Look]) -> dict[str, float]:
    """Milliseconds of peers and ours in turn, medians over a few views."""
    frame = pd.read_parquet(table.parquet)
    cores = len(os.sched_getaffinity(0))
    draws = {
        "Datashader": peers.datashader(frame),
        "loop": peers.loop(frame),
        "DuckDB": peers.duckdb_table(table.parquet, cores),
        "Polars": peers.polars_table(table.parquet),
    }
    times: dict[str, list[float]] = {name: [] for name in ("Halftone", *draws)}
    for each in (WHOLE, *looks):
        for name, draw in draws.items():
            times[name].append(peers.seconds(draw, each) * 1000)
        times["Halftone"].append(drawer.frame(each).ms)
    # The first view compiles, and is left out.
    return {name: statistics.median(found[1:]) for name, found in times.items()}


def equal_share(table: Imported, drawer: Drawer, looks: list[Look]) -> float:
    """Share of cells that equal Datashader's."""
    frame = pd.read_parquet(table.parquet)
    same = cells = 0
    for each in looks:
        grid = drawer.grid(each)
        same += int((grid == datashader_grid(frame, each)).sum())
        cells += grid.size
    return same / cells


def measure(folder: Path) -> tuple[list[Bar], dict[str, object]]:
    looks = list(mixed(VIEWS))
    p50: dict[tuple[str, int], float] = {}
    table: dict[str, object] = {}
    bars: list[Bar] = []
    *_, largest = sizes()
    for spread in ("even", "skewed"):
        for rows in sizes():
            found = imported(folder / f"{spread}-{rows}", spread, rows)
            drawer = Drawer(found.version)
            ms = warm_ms(drawer, looks)
            p50[spread, rows] = statistics.median(ms)
            table[f"{spread} {rows}"] = figures(found, drawer, ms, looks)
            if rows == sizes()[0]:
                bars.append(
                    Bar(
                        3,
                        f"cells equal to Datashader, {spread}",
                        equal_share(found, drawer, looks[::6]),
                        1.0,
                        "Datashader",
                        most=False,
                    )
                )
            if rows == largest:
                bars += of_largest(found, drawer, spread, ms)
                pictures = asked(found.version, folder / "room")
                table[f"asked {spread}"] = [asdict(each) for each in pictures]
                bars += of_asked(pictures, spread)
            removed(found)
        growth = p50[spread, largest] / p50[spread, sizes()[0]]
        bars.append(
            Bar(2, f"frame p50 at {largest:.0e} over that at {sizes()[0]:.0e}, {spread}", growth, 1.5, "itself")
        )
    return sorted(bars, key=lambda bar: bar.number), table


def figures(table: Imported, drawer: Drawer, ms: list[float], looks: list[Look]) -> dict[str, object]:
    rows = table.version.rows
    receipts = [drawer.frame(each).receipt for each in looks]
    return {
        "p50 ms": statistics.median(ms),
        "p95 ms": float(np.percentile(ms, 95)),
        "import rows a second": rows / table.seconds,
        "peak memory": table.memory,
        "index bytes a row": table.index_bytes / rows,
        "most rows read": max(receipt.rows_scanned for receipt in receipts),
        "most tiles read": max(receipt.tiles_read for receipt in receipts),
        "peers ms": compared(table, drawer, looks[:: max(1, len(looks) // 5)]),
    }


def of_largest(table: Imported, drawer: Drawer, spread: str, ms: list[float]) -> list[Bar]:
    looks = list(mixed(VIEWS))
    others = compared(table, drawer, looks[:: VIEWS // 5])
    p50 = statistics.median(ms)
    stretches = [drawer.frame(each).ms for factor in FACTORS for each in (*stretched(factor), *stretched(factor))]
    sizes_ = [(drawer.frame(each).bytes, png_bytes(drawer.grid(each))) for each in looks[::6]]
    rows, cores = table.version.rows, len(os.sched_getaffinity(0))
    return [
        Bar(1, f"frame p50 over Datashader's, {spread}", p50 / others["Datashader"], 0.01, "Datashader"),
        Bar(
            6, f"bytes a frame over Pillow's PNG, {spread}", statistics.median(a / b for a, b in sizes_), 0.5, "Pillow"
        ),
        Bar(
            7,
            f"import, million rows a second of a core, {spread}",
            rows / table.seconds / cores / 1e6,
            2.0,
            "a limit",
            most=False,
        ),
        Bar(7, f"import, most memory over the setting, {spread}", table.memory / MEMORY, 1.0, "the setting"),
        Bar(8, f"index bytes over column bytes, {spread}", table.index_bytes / table.raw_bytes, 1.5, "raw columns"),
        Bar(
            11,
            f"stretched views p95 over even p50, {spread}",
            float(np.percentile(stretches, 95)) / p50,
            10.0,
            "itself",
        ),
        Bar(2, f"warm mixed views p99 over p50, {spread}", float(np.percentile(ms, 99)) / p50, 5.0, "itself"),
        Bar(14, f"frame p50 over DuckDB's, {spread}", p50 / others["DuckDB"], 0.05, "DuckDB"),
        Bar(14, f"frame p50 over Polars', {spread}", p50 / others["Polars"], 0.05, "Polars"),
    ]


def of_asked(pictures: list[Asked], spread: str) -> list[Bar]:
    """A scan by all cores over one by one core, and then a picture from what the background made over that scan."""
    return [
        bar
        for each in pictures
        for bar in (
            Bar(12, f"{each.name}: all cores over one, {spread}", each.share, 0.6, "itself"),
            Bar(
                12,
                f"{each.name}: made in the background over a scan, {spread}",
                each.later / each.all_cores,
                0.1,
                "itself",
            ),
        )
    ]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        bars, table = measure(Path(folder))
    for bar in bars:
        print(bar.row())
    OUT.parent.mkdir(exist_ok=True)
    machine = {
        "cores": len(os.sched_getaffinity(0)),
        "processor": platform.machine(),
        "python": platform.python_version(),
    }
    results = {"machine": machine, "bars": [{**asdict(bar), "passes": bar.passes} for bar in bars], "tables": table}
    OUT.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
