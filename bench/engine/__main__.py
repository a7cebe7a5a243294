"""Measures the bars of the engine and of the product around it, prints a row for each; writes bench/out/engine.json.

`BENCH_QUICK=1` takes 10^5 and 10^6 rows, else 10^6, 10^7 and 10^8; `BENCH_HUGE=1` adds 10^9 from disk. Bars that are
not measured here: users of one gateway (9), filters (10), intervals (15).
"""

from __future__ import annotations

import json
import os
import platform
import tempfile
from dataclasses import asdict
from pathlib import Path

from bench.engine.answers import answers
from bench.engine.bar import Bar
from bench.engine.huge import huge
from bench.engine.sizes import IS_HUGE, IS_QUICK, LARGEST
from bench.engine.spreads import write_parquet
from bench.engine.tables import Measured, measure
from bench.product import browser, sockets
from bench.product.started import started

OUT = Path(__file__).parents[1] / "out" / "engine.json"


def of_product(folder: Path) -> Measured:
    """What a person of the product meets, with the largest even table."""
    parquet = folder / "product.parquet"
    write_parquet(parquet, "even", LARGEST)
    with started(parquet) as product:
        gestures = sockets.gestures(product)
        wheel = browser.wheel(product, parquet)
    parquet.unlink()
    bars = [sockets.bar(gestures, LARGEST), browser.bar(wheel, LARGEST)]
    return Measured(bars, {"gestures by socket": asdict(gestures), "wheel in a browser": asdict(wheel)})


def measured(folder: Path) -> Measured:
    """All parts, each of which leaves the disk as it was."""
    parts = [of_product(folder), measure(folder), answers(folder)]
    if IS_HUGE:
        parts.append(huge(folder))
    else:
        parts.append(Measured([Bar(13, "10^9 rows from disk", None, 50.0, "a limit", note="BENCH_HUGE=1 measures it")]))
    bars = [bar for part in parts for bar in part.bars]
    tables = {name: table for part in parts for name, table in part.tables.items()}
    return Measured(sorted(bars, key=lambda bar: bar.number), tables)


def main() -> None:
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as folder:
        found = measured(Path(folder))
    for bar in found.bars:
        print(bar.row())
    if IS_QUICK:
        print("So few rows show that all of it runs. Bars are meant for 10^8: those over a scan of all rows miss here.")
    machine = {
        "cores": len(os.sched_getaffinity(0)),
        "processor": platform.machine(),
        "python": platform.python_version(),
    }
    results = {"machine": machine, "bars": [bar.record() for bar in found.bars], "tables": found.tables}
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
