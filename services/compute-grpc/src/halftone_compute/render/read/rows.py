"""Reads rows into planes, by the current engine."""

from __future__ import annotations

import threading
from concurrent.futures import wait
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from halftone.v1 import compute_pb2
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_views.glyph import glyph_of
from halftone_views.plan import accumulators_of, is_by_category

from halftone_compute.backends.base import (
    AT_ENDS,
    OUTERMOST,
    EngineError,
    FreeRegion,
    Task,
    numbered,
    order_of,
    ordered,
)
from halftone_compute.render import axes
from halftone_compute.render.cut import Region, boxes_of, region_of
from halftone_compute.render.joining import asked, joinable
from halftone_compute.render.read.cores import Cores
from halftone_compute.render.read.crowds import with_crowds
from halftone_compute.render.read.groups import groups_of, shares_of
from halftone_compute.render.read.labels import Labels
from halftone_compute.store.base import BLOCK_ROWS, ROW_NUMBER
from halftone_compute.store.pyramid.joined import joined

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Future

    from halftone_wire import Plane

    from halftone_compute.backends.base import Cancel, Canvas, Engine
    from halftone_compute.backends.engines import Engines
    from halftone_compute.render.job import Place, RenderJob, RowFilter
    from halftone_compute.store.base import Block, Runs
    from halftone_compute.store.index.leaves import Leaves

# From this share of all rows on, all are read.
_NEARLY_ALL = 0.75
# Engines whose canvases are arrays of processors; a card takes all its rows itself.
_SHARED = ("cpu",)


@dataclass(frozen=True, slots=True)
class RowsRead:
    """The planes of a region out of rows that were read: how many, and by which engine."""

    planes: list[Plane]
    rows: int
    backend: str
    degraded: str


class RowReader:
    """Reads rows into planes, by the current engine. `most_bytes`: what the planes of one picture may take at a time.

    Scans on processors take all `cores` that are idle, and give them back after a block when other scans come.
    """

    def __init__(self, engines: Engines, most_bytes: int, cores: Cores | None = None) -> None:
        self._engines = engines
        self.most_bytes = most_bytes
        self._cores = Cores(1) if cores is None else cores

    def groups(
        self, job: RenderJob, crowds: Sequence[Plane] | None, cancel: Cancel
    ) -> Iterator[tuple[RenderJob, Cancel]]:
        """The job in parts whose planes fit in memory, each with its part of the progress, to be read one after the
        other. Only a place that does not fit by itself is left for `read` to refuse. `crowds` as in `of_leaves`.
        """
        keyed = groups_of(list(job.places.items()), partial(self._fits, job))
        if len(keyed) == 1:
            yield job, cancel
            return
        groups = [replace(job, places=dict(group)) for group in keyed]
        shares = shares_of([self.count_near(group, crowds, cancel) for group in groups])
        for group, share in zip(groups, shares, strict=True):
            part = cancel.part(*share)
            yield group, part
            part.advance(1.0)

    def near(self, job: RenderJob, region: Region, crowds: Sequence[Plane] | None, cancel: Cancel) -> RowsRead:
        """The planes that a job asks for, of all rows that lie in its places; `crowds` as in `of_leaves`. Raises as
        `read`.
        """
        index = job.version.index
        if index is None:
            return self.read(job, region, None, cancel)
        leaves = index.leaves(cancel.check)
        return self.of_leaves(job, region, leaves, leaves.meeting(boxes_of(job)), crowds, cancel)

    def count_near(self, job: RenderJob, crowds: Sequence[Plane] | None, cancel: Cancel) -> int:
        """How many rows `near` reads, about. Raises as the store does."""
        index = job.version.index
        if index is None:
            return job.version.rows
        leaves = index.leaves(cancel.check)
        chosen = leaves.meeting(boxes_of(job))
        read = chosen if crowds is None else chosen[~leaves.crowded[chosen]]
        return int(leaves.rows[read].sum())

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
        if engine.needs(task) > self.most_bytes:
            raise _too_large(task, engine.needs(task), self.most_bytes)
        blocks = _Blocks(job, task, runs, cancel)
        first = blocks.next()
        if first is None:
            return RowsRead(engine.open(task).planes(), 0, engine.name, degraded)
        with self._cores.scanning():
            dtype = first.values[task.value].dtype if task.value else np.dtype(np.float64)
            shared = self._shared(engine, job, region, dtype) if blocks.are_many else None
            if shared is None:
                planes = _Scanning(engine, task_of(job, region, dtype), blocks, cancel).alone(first)
            else:
                planes = asked(_Scanning(engine, shared, blocks, cancel).shared(first, self._cores), job.plan)
        return RowsRead(planes, blocks.rows, engine.name, degraded)

    def _shared(self, engine: Engine, job: RenderJob, region: Region, dtype: np.dtype[Any]) -> Task | None:
        """The task whose planes several cores make, each its own; None for a card, or when the planes of all cores
        take more memory than those of a picture may.
        """
        if engine.name not in _SHARED:
            return None
        task = task_of(replace(job, plan=joinable(job.plan)), region, dtype)
        return task if self._cores.count * engine.needs(task) <= self.most_bytes else None

    def _fits(self, job: RenderJob, places: Sequence[Place]) -> bool:
        task = task_of(job, region_of(places, job.plan.glyph), np.dtype(np.float64))
        return self._engines.needs(task) <= self.most_bytes


class _Blocks:
    """The blocks of a job, handed out one by one to several threads, with all columns that a task reads."""

    def __init__(self, job: RenderJob, task: Task, runs: Runs | None, cancel: Cancel) -> None:
        self.rows = 0
        self._total = job.version.rows if runs is None else sum(end - start for start, end in runs)
        self.are_many = self._total > BLOCK_ROWS
        self._cancel = cancel
        self._filter = job.row_filter
        self._labels, self._transformed = labels_of(job), axes.transformed(job.plan, job.version.columns)
        # The column that first and last are gathered of.
        self._numbered = "" if task.value is None or OUTERMOST.isdisjoint(task.accumulators) else task.value
        self._ordered = "" if AT_ENDS.isdisjoint(task.accumulators) else task.x
        self._blocks = job.version.blocks(self._stored(task), runs, cancel.check)
        self._lock = threading.Lock()

    def next(self) -> Block | None:
        """None when all are handed out. Raises HalftoneError `data_corrupt`."""
        with self._lock:
            block = next(self._blocks, None)
        if block is None:
            return None
        # The compiled loops do not look where an array ends.
        lengths = {len(array) for array in (*block.values.values(), *block.valid.values())}
        if len(lengths) != 1:
            raise HalftoneError(ErrorCode.DATA_CORRUPT)
        with self._lock:
            if self.are_many:
                # What is handed out now is still to be read.
                self._cancel.advance(self.rows / self._total)
            self.rows += lengths.pop()
        made = axes.added(block if self._labels is None else self._labels.added(block), self._transformed)
        if self._numbered:
            made = _numbered(made, self._numbered)
        if self._ordered:
            made = ordered(made, self._ordered)
        return made if self._filter is None else kept(made, self._filter)

    def stop(self) -> None:
        """No block is handed out any more."""
        with self._lock:
            self._blocks = iter(())

    def _stored(self, task: Task) -> tuple[str, ...]:
        """The stored columns that blocks are made of."""
        made = [order_of(accumulator, task.x) for accumulator in AT_ENDS]
        columns = axes.stored((name for name in task.columns if name not in made), self._transformed)
        if (labels := self._labels) is not None:
            columns = tuple(dict.fromkeys(labels.column if name == labels.name else name for name in columns))
        return columns if self._filter is None else tuple(dict.fromkeys((*columns, *self._filter.columns)))


@dataclass(frozen=True, slots=True)
class _Scanning:
    """Adds blocks to canvases of a task."""

    engine: Engine
    task: Task
    blocks: _Blocks
    cancel: Cancel

    def alone(self, first: Block) -> list[Plane]:
        canvas = self.engine.open(self.task)
        block: Block | None = first
        while block is not None:
            self._add(canvas, block)
            block = self.blocks.next()
        return canvas.planes()

    def shared(self, first: Block, cores: Cores) -> list[Plane]:
        """Cores that are idle, or become so, take blocks too, each into a canvas of its own."""
        canvas = self.engine.open(self.task)
        others: list[Canvas] = []
        lent: list[Future[None]] = []
        try:
            block: Block | None = first
            while block is not None:
                loans = (cores.lend(partial(self._help, cores, others)) for _ in range(cores.idle))
                lent += [loan for loan in loans if loan is not None]
                self._add(canvas, block)
                block = self.blocks.next()
        finally:
            self.blocks.stop()
            wait(lent)
        for loan in lent:
            loan.result()
        planes = canvas.planes()
        for other in others:
            planes = joined(planes, other.planes())
        return planes

    def _help(self, cores: Cores, others: list[Canvas]) -> None:
        canvas = None
        while not cores.is_wanted_back and (block := self.blocks.next()) is not None:
            if canvas is None:
                canvas = self.engine.open(self.task)
                others.append(canvas)
            self._add(canvas, block)

    def _add(self, canvas: Canvas, block: Block) -> None:
        self.cancel.check()
        canvas.add(block, self.cancel)


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


def _too_large(task: Task, needs: int, most_bytes: int) -> HalftoneError:
    """The refusal of a piece that does not fit by itself."""
    is_whole = isinstance(task.region, FreeRegion)
    piece = "A picture of exactly this viewport, which is one piece," if is_whole else "One tile of this picture"
    detail = f"{piece} takes {_mib(needs)} of memory; {_mib(most_bytes)} are allowed."
    return HalftoneError(ErrorCode.RENDER_TOO_LARGE, f"{detail} Ask for fewer pixels or categories.")


def _mib(size: int) -> str:
    return f"{-(-size // (1 << 20)):,} MiB"


def labels_of(job: RenderJob) -> Labels | None:
    """Where rows are counted by whole numbers: their labels."""
    column = job.version.columns[job.plan.category] if is_by_category(job.plan) else None
    return Labels.of(column) if column is not None and column.type == "number" else None


def _numbered(block: Block, value: str) -> Block:
    """The block with the numbers of its rows, missing where these have no value of a column."""
    has = np.isfinite(block.values[value])
    if value in block.valid:
        has &= block.valid[value]
    name = numbered(value)
    numbers = {**block.values, name: block.values[ROW_NUMBER]}
    return replace(block, values=numbers, valid={**block.valid, name: has})


def kept(block: Block, row_filter: RowFilter) -> Block:
    """The rows of a block that a filter lets through. They are copies, which no engine may keep for a later picture."""
    mask = row_filter.mask(block)
    values = {name: array[mask] for name, array in block.values.items()}
    valid = {name: array[mask] for name, array in block.valid.items()}
    return replace(block, values=values, valid=valid, version="")
