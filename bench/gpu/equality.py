"""Compares the GPU's grids with those of the CPU engine and Datashader, before anything is measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import datashader as ds
import numpy as np
import pandas as pd
from halftone.v1 import compute_pb2, frame_pb2
from halftone_compute.backends.base import Cancel, LatticeRegion, Task
from halftone_compute.backends.cpu.engine import CpuEngine

from bench.gpu.points import CATEGORIES, HEIGHT, WIDTH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from halftone_compute.backends.base import Engine
    from halftone_compute.store.base import Block
    from halftone_views.codes import Accumulator
    from halftone_wire import Plane

COUNT = (compute_pb2.ACCUMULATOR_COUNT,)
VALUED = (*COUNT, compute_pb2.ACCUMULATOR_VALID)
REDUCTIONS: dict[str, tuple[Accumulator, ...]] = {
    "count": COUNT,
    "sum": (*VALUED, compute_pb2.ACCUMULATOR_ADD),
    "min": (*VALUED, compute_pb2.ACCUMULATOR_MIN),
    "max": (*VALUED, compute_pb2.ACCUMULATOR_MAX),
    "squares": (*VALUED, compute_pb2.ACCUMULATOR_MOMENTS),
    "by": COUNT,
}
# Of the sum of a cell's absolute values, or squares: what float sums in another order may differ by.
_TOLERANCE = 1e-6


class UnequalError(Exception):
    """The GPU gives other numbers, so its times mean nothing."""


def task_of(reduction: str, rows: int, first_x: int = 0) -> Task:
    """The picture of one reduction, moved by `first_x` cells."""
    region = LatticeRegion(0, float(first_x), 0, 0.0, WIDTH, HEIGHT)
    accumulators = REDUCTIONS[reduction]
    if reduction == "by":
        return Task(region, accumulators, "x", "y", rows, category="c", categories=CATEGORIES)
    if reduction == "count":
        return Task(region, accumulators, "x", "y", rows)
    return Task(region, accumulators, "x", "y", rows, value="v", value_dtype=np.dtype(np.float32))


def frame(engine: Engine, task: Task, blocks: Sequence[Block]) -> list[Plane]:
    """One picture, from empty planes to planes on the host."""
    canvas = engine.open(task)
    for block in blocks:
        canvas.add(block, Cancel())
    return canvas.planes()


def compare_engines(card: Engine, reduction: str, blocks: Sequence[Block]) -> str:
    """Describes what was compared. Raises UnequalError."""
    rows = sum(len(block.values["x"]) for block in blocks)
    task = task_of(reduction, rows)
    sizes = _sizes(blocks) if reduction in ("sum", "squares") else {}
    for ours, theirs in zip(frame(card, task, blocks), frame(CpuEngine(), task, blocks), strict=True):
        role = frame_pb2.PlaneRole.Name(ours.role)
        bound = sizes.get(reduction, 0.0) if ours.cells.dtype == np.float64 else 0.0
        if not np.all(np.abs(ours.cells.astype(np.float64) - theirs.cells) <= _TOLERANCE * bound):
            raise UnequalError(f"{reduction} of {rows:,} rows: {role} is not that of the CPU engine")
    return f"{reduction} of {rows:,} rows equals the CPU engine's"


def compare_datashader(card: Engine, columns: Mapping[str, np.ndarray], blocks: Sequence[Block]) -> str:
    """As `compare_engines`, with `Canvas.points` on the same rows."""
    rows = len(columns["x"])
    kinds = pd.CategoricalDtype(list(range(CATEGORIES)))
    table = pd.DataFrame({**columns, "c": pd.Categorical.from_codes(columns["c"], dtype=kinds)})
    canvas = ds.Canvas(WIDTH, HEIGHT, (0, WIDTH), (0, HEIGHT))
    summary = ds.summary(count=ds.count(), min=ds.min("v"), max=ds.max("v"), by=ds.by("c", ds.count()))
    theirs = canvas.points(table, "x", "y", summary)
    for reduction in ("count", "min", "max", "by"):
        planes = frame(card, task_of(reduction, rows), blocks)
        ours = np.stack([plane.cells for plane in planes], -1) if reduction == "by" else planes[-1].cells
        if not np.array_equal(ours, np.nan_to_num(theirs[reduction].data)):
            raise UnequalError(f"{reduction} of {rows:,} rows is not Datashader's")
    return f"count, min, max and by of {rows:,} rows equal Datashader's"


def _sizes(blocks: Sequence[Block]) -> dict[str, np.ndarray]:
    """Sums of the absolute values of each cell, and of their squares."""
    cells = WIDTH * HEIGHT
    found = {"sum": np.zeros(cells), "squares": np.zeros(cells)}
    for block in blocks:
        at = block.values["y"].astype(int) * WIDTH + block.values["x"].astype(int)
        values = np.abs(block.values["v"].astype(np.float64))
        found["sum"] += np.bincount(at, values, cells)
        found["squares"] += np.bincount(at, values**2, cells)
    return {name: sizes.reshape(HEIGHT, WIDTH) for name, sizes in found.items()}
