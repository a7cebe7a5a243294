"""Reads rows into planes, by the current engine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from halftone.v1 import compute_pb2
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_views.glyph import glyph_of
from halftone_views.plan import accumulators_of, is_by_category

from halftone_compute.backends.base import EngineError, Task
from halftone_compute.render import axes
from halftone_compute.render.crowds import with_crowds
from halftone_compute.render.cut import Region, boxes_of
from halftone_compute.render.labels import Labels

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from halftone_wire import Plane

    from halftone_compute.backends.base import Cancel, Engine
    from halftone_compute.backends.engines import Engines
    from halftone_compute.render.job import RenderJob, RowFilter
    from halftone_compute.store.base import Block, Runs
    from halftone_compute.store.index.leaves import Leaves

# From this share of all rows on, all are read.
_NEARLY_ALL = 0.75


@dataclass(frozen=True, slots=True)
class RowsRead:
    """The planes of a region out of rows that were read: how many, and by which engine."""

    planes: list[Plane]
    rows: int
    backend: str
    degraded: str


class RowReader:
    """Reads rows into planes, by the current engine. `most_bytes`: what the planes of one picture may take."""

    def __init__(self, engines: Engines, most_bytes: int) -> None:
        self._engines = engines
        self._most_bytes = most_bytes

    def near(self, job: RenderJob, region: Region, crowds: Sequence[Plane] | None, cancel: Cancel) -> RowsRead:
        """The planes that a job asks for, of all rows that lie in its places; `crowds` as in `of_leaves`. Raises as
        `read`.
        """
        index = job.version.index
        if index is None:
            return self.read(job, region, None, cancel)
        leaves = index.leaves(cancel.check)
        return self.of_leaves(job, region, leaves, leaves.meeting(boxes_of(job)), crowds, cancel)

    def of_leaves(
        self,
        job: RenderJob,
        region: Region,
        leaves: Leaves,
        chosen: np.ndarray,
        crowds: Sequence[Plane] | None,
        cancel: Cancel,
    ) -> RowsRead:
        """The planes that a job asks for, of the rows of chosen leaves; those of crowded ones are not read where
        `crowds` has what they hold. Raises as `read`.
        """
        is_crowded = leaves.crowded[chosen] & (crowds is not None)
        crowded = chosen[is_crowded]
        runs: Runs | None = leaves.runs(chosen[~is_crowded])
        if not len(crowded) and leaves.rows[chosen].sum() >= _NEARLY_ALL * job.version.rows:
            # Whole blocks, which engines may keep, cost little more.
            runs = None
        read = self.read(job, region, runs, cancel)
        if crowds is not None and len(crowded):
            task = task_of(job, region, np.dtype(np.float64))
            return replace(read, planes=with_crowds(read.planes, task, leaves, crowds, crowded))
        return read

    def read(self, job: RenderJob, region: Region, runs: Runs | None, cancel: Cancel) -> RowsRead:
        """The planes that a job asks for, of rows of these runs (None: all).

        When an engine fails, the next one makes them all over.

        Raises HalftoneError `render_too_large` before memory is taken, `cancelled`, or what the store raises.
        """
        engine = self._engines.current()
        degraded = self._engines.degraded(engine)
        while True:
            cancel.check()
            try:
                return self._once(engine, degraded, job, region, runs, cancel)
            except EngineError as error:
                engine, degraded = self._engines.failed(engine, error), error.reason

    def _once(
        self, engine: Engine, degraded: str, job: RenderJob, region: Region, runs: Runs | None, cancel: Cancel
    ) -> RowsRead:
        # Before the first block tells, a value has the widest type.
        task = task_of(job, region, np.dtype(np.float64))
        if engine.needs(task) > self._most_bytes:
            raise HalftoneError(ErrorCode.RENDER_TOO_LARGE)
        canvas = None
        rows = 0
        for block in _blocks(job, task, runs, cancel):
            cancel.check()
            if canvas is None:
                task = task_of(job, region, block.values[task.value].dtype) if task.value else task
                canvas = engine.open(task)
            canvas.add(block if job.row_filter is None else kept(block, job.row_filter), cancel)
            rows += len(block.values[task.x])
        if canvas is None:
            canvas = engine.open(task)
        return RowsRead(canvas.planes(), rows, engine.name, degraded)


def task_of(job: RenderJob, region: Region, value_dtype: np.dtype[Any]) -> Task:
    """What an engine is asked to gather over a region."""
    plan = job.plan
    accumulators = accumulators_of(plan)
    has_value = compute_pb2.ACCUMULATOR_VALID in accumulators
    labels = labels_of(job)
    by_category = is_by_category(plan)
    return Task(
        region=region,
        accumulators=accumulators,
        x=axes.name_of(plan.x),
        y=None if glyph_of(plan.glyph).is_flat else axes.name_of(plan.y),
        rows=job.version.rows,
        value=plan.value if has_value else None,
        value_dtype=value_dtype if has_value else None,
        category=(plan.category if labels is None else labels.name) if by_category else None,
        categories=plan.category_planes if by_category else 0,
        other=plan.category_other,
        whole_sums=has_value
        and value_dtype.kind in "iu"
        and job.version.columns[plan.value].sums_fit(job.version.rows),
    )


def labels_of(job: RenderJob) -> Labels | None:
    """Where rows are counted by whole numbers: their labels."""
    column = job.version.columns[job.plan.category] if is_by_category(job.plan) else None
    return Labels.of(column) if column is not None and column.type == "number" else None


def kept(block: Block, row_filter: RowFilter) -> Block:
    """The rows of a block that a filter lets through. They are copies, which no engine may keep for a later picture."""
    mask = row_filter.mask(block)
    values = {name: array[mask] for name, array in block.values.items()}
    valid = {name: array[mask] for name, array in block.valid.items()}
    return replace(block, values=values, valid=valid, version="")


def _blocks(job: RenderJob, task: Task, runs: Runs | None, cancel: Cancel) -> Iterator[Block]:
    labels, transformed = labels_of(job), axes.transformed(job.plan)
    columns = axes.stored(task.columns, transformed)
    if labels is not None:
        columns = tuple(dict.fromkeys(labels.column if name == labels.name else name for name in columns))
    if job.row_filter is not None:
        columns = tuple(dict.fromkeys((*columns, *job.row_filter.columns)))
    for block in job.version.blocks(columns, runs, cancel.check):
        # The compiled loops do not look where an array ends.
        if len({len(array) for array in (*block.values.values(), *block.valid.values())}) != 1:
            raise HalftoneError(ErrorCode.DATA_CORRUPT)
        yield axes.added(block if labels is None else labels.added(block), transformed)
