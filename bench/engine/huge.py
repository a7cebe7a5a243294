"""10^9 rows on disk: views that were drawn once before, on the clock, and memory beyond the page cache."""

from __future__ import annotations

import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from halftone_compute.store.versions import LocalStore

from bench.engine.bar import Bar
from bench.engine.frames import Drawer
from bench.engine.gestures import mixed
from bench.engine.imported import GRANT, imported, removed
from bench.engine.sizes import HUGE
from bench.engine.spreads import writer_of
from bench.engine.tables import Measured

if TYPE_CHECKING:
    from collections.abc import Iterator

VIEWS = 120
_MOST_BYTES = 4 << 30


@dataclass(frozen=True)
class Panned:
    """Milliseconds on the clock by view; the first time, and once all were drawn. `anonymous`: bytes of memory that are
    no pages of files.
    """

    first: list[float]
    warm: list[float]
    anonymous: int

    @property
    def p95(self) -> float:
        return float(np.percentile(self.warm, 95))


def huge(folder: Path, rows: int = HUGE) -> Measured:
    """Writes, imports and draws such a table, and removes it. Takes about 40 GB of disk."""
    table = imported(folder / "huge", rows, writer_of("even"))
    try:
        with ProcessPoolExecutor(1, get_context("spawn")) as apart:
            found = apart.submit(_panned, table.parquet.parent).result()
    finally:
        removed(table)
    details = {**asdict(found), "import rows a second": rows / table.seconds, "import memory": table.memory}
    return Measured(bars(found, rows), {f"from disk {rows}": details})


def bars(found: Panned, rows: int) -> list[Bar]:
    share = found.anonymous / _MOST_BYTES
    return [
        Bar(13, f"{rows:.0e} rows from disk, warm pan p95 ms", found.p95, 50.0, "a limit"),
        Bar(13, "memory of compute beyond the page cache over 4 GiB", share, 1.0, "a limit"),
    ]


def _panned(folder: Path) -> Panned:
    drawer = Drawer(LocalStore(folder).open(GRANT))
    first, warm = list(_clocked(drawer)), list(_clocked(drawer))
    drawer.close()
    return Panned(first, warm, _anonymous_bytes())


def _clocked(drawer: Drawer) -> Iterator[float]:
    for look in mixed(VIEWS):
        started = time.perf_counter()
        drawer.frame(look)
        yield (time.perf_counter() - started) * 1000


def _anonymous_bytes() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        name, _, size = line.partition(":")
        if name == "RssAnon":
            return int(size.split()[0]) << 10
    raise OSError("the system does not say what a process has in memory")
