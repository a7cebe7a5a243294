"""A table as the import worker makes it: the children read the file and order its rows."""

from __future__ import annotations

import resource
import shutil
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TYPE_CHECKING

from halftone_compute.ingest.sandbox.confine import ChildLimits
from halftone_compute.ingest.sandbox.messages import ConvertRequest, OrderRequest
from halftone_compute.ingest.sandbox.parent import convert_in_child, order_in_child
from halftone_compute.store.versions import GrantedVersion, LocalStore
from halftone_servicekit.tokens import Grant

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DATASET, VERSION = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
MEMORY = 4 << 30
GRANT = Grant("bench", DATASET, VERSION, "version/manifest.json", frozenset("*"), "", "view", 4e9)


@dataclass(frozen=True)
class Imported:
    """`seconds` are those of the import, `memory` the most bytes that a child had resident."""

    parquet: Path
    version: GrantedVersion
    seconds: float
    memory: int
    raw_bytes: int

    @property
    def index_bytes(self) -> int:
        folder = self.parquet.parent / "version"
        return sum(path.stat().st_size for path in folder.iterdir() if path.name.startswith("index."))


def imported(folder: Path, rows: int, write: Callable[[Path, int], None]) -> Imported:
    """Has so many rows written as a Parquet file, and imports them."""
    folder.mkdir(parents=True)
    parquet = folder / "table.parquet"
    write(parquet, rows)
    (folder / "version").mkdir()
    # From a small process: the memory of a process counts for its children until they run a program of their own.
    with ProcessPoolExecutor(1, get_context("spawn")) as apart:
        seconds, memory = apart.submit(_imported, parquet).result()
    return Imported(parquet, LocalStore(folder).open(GRANT), seconds, memory, rows * 8)


def _imported(parquet: Path) -> tuple[float, int]:
    """Seconds, and the most bytes that a child had resident."""
    version = parquet.parent / "version"
    limits = ChildLimits(MEMORY, 3_600, 1 << 40)
    started = time.perf_counter()
    request = ConvertRequest(parquet, "parquet", version, DATASET, VERSION, 1 << 40)
    convert_in_child(request, limits, lambda _: None, lambda: None)
    order_in_child(OrderRequest(version, MEMORY), limits, lambda _: None, lambda: None)
    seconds = time.perf_counter() - started
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss << 10


def removed(table: Imported) -> None:
    shutil.rmtree(table.parquet.parent)
