"""Measures the compiled loops of compute against Datashader on cell coordinates: `python -m bench.kernels`.

Both take turns, on one thread, and the median of each is printed in milliseconds: processor time, so that other work
on the machine matters less.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import datashader as ds
import numpy as np
import pandas as pd
from halftone.v1 import compute_pb2
from halftone_compute.backends.base import Cancel, LatticeRegion, Task
from halftone_compute.backends.cpu.engine import CpuEngine
from halftone_compute.store.base import Block

WIDTH, HEIGHT, CATEGORIES = 1280, 1024, 16
COUNT = (compute_pb2.ACCUMULATOR_COUNT,)
VALUED = (*COUNT, compute_pb2.ACCUMULATOR_VALID)


def summary(value: ds.reductions.Reduction) -> ds.summary:
    """What an engine accumulates from a value column."""
    return ds.summary(rows=ds.count(), valid=ds.count("v"), value=value)


CASES = {
    "count": (COUNT, ds.count()),
    "sum": ((*VALUED, compute_pb2.ACCUMULATOR_ADD), summary(ds.sum("v"))),
    "max": ((*VALUED, compute_pb2.ACCUMULATOR_MAX), summary(ds.max("v"))),
    "squares": ((*VALUED, compute_pb2.ACCUMULATOR_MOMENTS), summary(ds.var("v"))),
    "by": (COUNT, ds.by("c", ds.count())),
}


def columns_of(rows: int) -> dict[str, np.ndarray]:
    """Float32 x, y and v, and int32 codes c; every row lies in the region."""
    rng = np.random.default_rng(1)
    x, y = (rng.random(rows, np.float32) * size * np.float32(0.999) for size in (WIDTH, HEIGHT))
    return {"x": x, "y": y, "v": rng.random(rows, np.float32), "c": rng.integers(0, CATEGORIES, rows, np.int32)}


def own(columns: dict[str, np.ndarray], name: str) -> Callable[[], object]:
    backend, block = CpuEngine(), Block(0, columns, {})
    is_by, is_value = name == "by", name not in ("by", "count")
    task = Task(
        region=LatticeRegion(0, 0.0, 0, 0.0, WIDTH, HEIGHT),
        accumulators=CASES[name][0],
        x="x",
        y="y",
        rows=len(columns["x"]),
        value="v" if is_value else None,
        value_dtype=columns["v"].dtype if is_value else None,
        category="c" if is_by else None,
        categories=CATEGORIES if is_by else 0,
    )

    def run() -> object:
        canvas = backend.open(task)
        canvas.add(block, Cancel())
        return canvas.planes()

    return run


def datashader(columns: dict[str, np.ndarray], reduction: object) -> Callable[[], object]:
    kinds = pd.CategoricalDtype(list(range(CATEGORIES)))
    frame = pd.DataFrame({**columns, "c": pd.Categorical.from_codes(columns["c"], dtype=kinds)})
    canvas = ds.Canvas(WIDTH, HEIGHT, (0, WIDTH), (0, HEIGHT))
    return lambda: canvas.points(frame, "x", "y", reduction)


def medians(runs: list[Callable[[], object]], rounds: int) -> list[float]:
    """Milliseconds of each; the first round compiles and does not count."""
    spent: list[list[float]] = [[] for _ in runs]
    for _ in range(rounds + 1):
        for run, times in zip(runs, spent, strict=True):
            started = time.process_time()
            run()
            times.append((time.process_time() - started) * 1000)
    return [statistics.median(times[1:]) for times in spent]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=3_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    columns = columns_of(given.rows)
    print(f"{given.rows} rows, {WIDTH} x {HEIGHT} cells, ms of processor time, median of {given.rounds}")
    for name, (_, reduction) in CASES.items():
        ours, theirs = medians([own(columns, name), datashader(columns, reduction)], given.rounds)
        print(f"{name:8s} own {ours:7.1f}   Datashader {theirs:7.1f}   {theirs / ours:.1f} times")


if __name__ == "__main__":
    main()
