"""The measurements, for any device: passes of one kernel, whole frames, many views at once."""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from halftone_compute.backends.base import EngineError
from halftone_compute.metrics import GPU_BATCH_VIEWS

from bench.gpu.equality import REDUCTIONS, compare_datashader, compare_engines, frame, task_of
from bench.gpu.points import Columns, blocks_of, points, shuffle

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from halftone_compute.backends.card import CardEngine
    from halftone_compute.store.base import Block

    from bench.gpu.stopwatch import Stopwatch

VIEWS = (1, 8, 64)
# Rows up to which every reduction and many views are measured, and beside which values fit.
MOST_VALUES = 10**8
# Bytes of a row that the kernel reads: two lattice integers, and a value or a code.
_COORDINATES, _VALUE = 8, 4
ORDERS = ("morton", "random")


class Peers(Protocol):
    """Peers on the same GPU and rows: seconds of one pass, or why there are none."""

    def histogram(self, columns: Columns) -> float | str: ...

    def datashader(self, columns: Columns) -> float | str: ...


@dataclass(frozen=True)
class Pass:
    """One reduction over all rows in GPU memory. Seconds are medians; a peer has seconds, or the reason for none."""

    reduction: str
    rows: int
    order: str
    kernel_seconds: float
    frame_seconds: float
    launches: int
    bytes_read: int
    place_seconds: float
    histogram: float | str = "not measured"
    datashader: float | str = "not measured"


@dataclass(frozen=True)
class Crowd:
    """Several views that ask at once: pictures a second, and how many of them shared a launch."""

    rows: int
    order: str
    views: int
    frames_per_second: float
    views_a_launch: float


@dataclass
class Results:
    """`equal`: what was compared. `left_out`: what was not measured, and why."""

    equal: list[str] = field(default_factory=list)
    passes: list[Pass] = field(default_factory=list)
    crowds: list[Crowd] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Bench:
    """Calls `tell` with a line for each figure. `stopwatch` is the backend's device."""

    backend: CardEngine[Any]
    stopwatch: Stopwatch[Any]
    rounds: int
    peers: Peers | None = None
    tell: Callable[[str], None] = print

    def run(self, sizes: Sequence[int], fits: Callable[[int], str]) -> Results:
        """`fits` says why a number of rows cannot be measured, or nothing. Raises UnequalError before any figure."""
        results = Results()
        for rows in sizes:
            if reason := fits(rows):
                results.left_out.append(f"{rows:,} rows: {reason}")
                continue
            columns = points(rows, has_values=rows <= MOST_VALUES)
            for order in ORDERS:
                if order == "random":
                    shuffle(columns)
                try:
                    self._measure(results, columns, order)
                except EngineError as error:
                    if error.reason != "out_of_memory":
                        raise
                    results.left_out.append(f"{rows:,} rows in {order} order: {error.detail}")
                self.backend.cache.clear()
        return results

    def _measure(self, results: Results, columns: Columns, order: str) -> None:
        blocks = blocks_of(columns, order)
        self._compare(results, columns, blocks, is_first="v" in columns and not results.passes)
        for reduction in REDUCTIONS if "v" in columns else ["count"]:
            found = self._pass(reduction, columns, blocks, order)
            results.passes.append(found)
            self.tell(f"{found.rows:>13,} {order:7} {reduction:8} {found.kernel_seconds * 1e3:9.3f} ms")
        if "v" in columns:
            results.crowds += [self._crowd(blocks, order, views) for views in VIEWS]

    def _compare(self, results: Results, columns: Columns, blocks: Sequence[Block], *, is_first: bool) -> None:
        results.equal += [
            compare_engines(self.backend, name, blocks) for name in (REDUCTIONS if is_first else ["count"])
        ]
        if is_first:
            results.equal.append(compare_datashader(self.backend, columns, blocks))

    def _pass(self, reduction: str, columns: Columns, blocks: Sequence[Block], order: str) -> Pass:
        rows = len(columns["x"])
        task = task_of(reduction, rows)
        self.backend.cache.clear()
        placing = seconds(lambda: frame(self.backend, task, blocks))
        frames = [seconds(lambda: frame(self.backend, task, blocks)) for _ in range(self.rounds)]
        kernels = []
        for _ in range(self.rounds):
            with self.stopwatch.timing() as launches:
                frame(self.backend, task, blocks)
            kernels.append(launches.seconds)
        middle = statistics.median(frames)
        peers = self._peers(columns) if reduction == "count" else {}
        read = rows * (_COORDINATES + (_VALUE if reduction != "count" else 0))
        kernel = statistics.median(kernels)
        return Pass(reduction, rows, order, kernel, middle, launches.count, read, placing - middle, **peers)

    def _peers(self, columns: Columns) -> dict[str, float | str]:
        if self.peers is None:
            return {}
        return {"histogram": self.peers.histogram(columns), "datashader": self.peers.datashader(columns)}

    def _crowd(self, blocks: Sequence[Block], order: str, views: int) -> Crowd:
        """Each view looks at its own place, and asks again as soon as its picture has arrived."""
        rows = sum(len(block.values["x"]) for block in blocks)

        def look(view: int) -> None:
            for _ in range(self.rounds):
                frame(self.backend, task_of("count", rows, first_x=view), blocks)

        before = batches()
        with ThreadPoolExecutor(views) as pool:
            spent = seconds(lambda: list(pool.map(look, range(views))))
        shared, launched = (after - earlier for after, earlier in zip(batches(), before, strict=True))
        found = Crowd(rows, order, views, views * self.rounds / spent, round(shared / launched, 1))
        self.tell(f"{rows:>13,} {order:8} {views:3} views {found.frames_per_second:9.1f} frames/s")
        return found


def batches() -> tuple[float, float]:
    """Views that shared launches so far, and how often they did."""
    samples = {sample.name: sample.value for metric in GPU_BATCH_VIEWS.collect() for sample in metric.samples}
    total, count = (next(value for name, value in samples.items() if name.endswith(end)) for end in ("_sum", "_count"))
    return total, count


def seconds(work: Callable[[], object]) -> float:
    """Measures how long a call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
