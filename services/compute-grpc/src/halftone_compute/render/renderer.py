"""The whole path from rows to pieces: one pass over the rows for every piece of an order, then cuts."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from halftone.v1 import compute_pb2, frame_pb2
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_servicekit.telemetry import current_trace_id, tracer
from halftone_views.lattice import TILE, Address, Viewport, extent_of
from halftone_views.plan import ENGINE_REVISION, accumulators_of, is_by_category
from halftone_wire.planes import Plane, encode

from halftone_compute import metrics
from halftone_compute.backends.base import EngineError, FreeRegion, LatticeRegion, Task
from halftone_compute.store.base import Box

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from halftone_compute.backends.base import Backend, Cancel
    from halftone_compute.backends.engines import Engines
    from halftone_compute.render.job import Order, Place
    from halftone_compute.store.base import Block

    Emit = Callable[[compute_pb2.EncodedPiece], None]

spans = tracer(__name__)


@dataclass
class Stages:
    """Milliseconds by stage; each is also a span and a metric."""

    ms: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        with spans.start_as_current_span(name):
            yield
        seconds = time.perf_counter() - started
        self.ms[name] = self.ms.get(name, 0.0) + seconds * 1000
        metrics.STAGE_SECONDS.labels(name).observe(seconds)


@dataclass(frozen=True, slots=True)
class Scan:
    """What one pass over the rows found. `degraded`: why the engine that made it is not the preferred one."""

    task: Task
    planes: list[Plane]
    rows: int
    backend: str
    degraded: str


class Renderer:
    """Makes the pieces of orders. `render` blocks; call it in a thread, in several at once if you like."""

    def __init__(self, engines: Engines, pass_bytes: int) -> None:
        self._engines = engines
        self._pass_bytes = pass_bytes

    def render(self, order: Order, cancel: Cancel, emit: Emit) -> frame_pb2.Receipt:
        """Hands each piece to `emit` as soon as it is encoded.

        Raises HalftoneError `render_too_large` before memory is taken, `cancelled`, or what the store raises.
        """
        stages = Stages()
        with stages.stage("scan"):
            scan = self._scan(order, cancel)
        with stages.stage("encode"):
            for piece_id, place in order.places.items():
                cancel.check()
                emit(_piece(piece_id, place, order.plan, _cut(place, scan.task, scan.planes)))
        metrics.ROWS_SCANNED.inc(scan.rows)
        metrics.PIECES.inc(len(order.places))
        if scan.degraded:
            metrics.DEGRADED.labels(scan.degraded).inc()
        return receipt(order, scan, stages.ms)

    def _scan(self, order: Order, cancel: Cancel) -> Scan:
        """By the current engine; when it fails, all over by the next."""
        engine = self._engines.current()
        degraded = self._engines.degraded(engine)
        while True:
            cancel.check()
            try:
                task, planes, rows = self._pass(engine, order, cancel)
            except EngineError as error:
                engine, degraded = self._engines.failed(engine, error), error.reason
            else:
                return Scan(task, planes, rows, engine.name, degraded)

    def _pass(self, engine: Backend[Any, Any], order: Order, cancel: Cancel) -> tuple[Task, list[Plane], int]:
        # Until the first block tells, a value has the widest type.
        task = _task(order, np.dtype(np.float64))
        if engine.needs(task) > self._pass_bytes:
            raise HalftoneError(ErrorCode.RENDER_TOO_LARGE)
        canvas = None
        rows = 0
        for block in order.version.blocks(task.columns, _box(task), cancel.check):
            cancel.check()
            _check_lengths(block)
            if canvas is None:
                task = _task(order, block.values[task.value].dtype) if task.value else task
                canvas = engine.create(task)
            engine.aggregate(task, canvas, engine.place(block), cancel)
            rows += len(block.values[task.x])
        if canvas is None:
            canvas = engine.create(task)
        return task, engine.to_host(task, canvas), rows


def _check_lengths(block: Block) -> None:
    """The compiled loops do not look where an array ends. Raises `data_corrupt`."""
    if len({len(array) for array in (*block.values.values(), *block.valid.values())}) != 1:
        raise HalftoneError(ErrorCode.DATA_CORRUPT)


def receipt(order: Order, scan: Scan, stages: Mapping[str, float]) -> frame_pb2.Receipt:
    return frame_pb2.Receipt(
        version_id=order.version.version_id,
        policy_hash=order.grant.policy_hash,
        backend=scan.backend,
        engine_revision=ENGINE_REVISION,
        rows_scanned=scan.rows,
        pieces_total=len(order.places),
        stages=[frame_pb2.Stage(name=name, ms=ms) for name, ms in stages.items()],
        trace_id=current_trace_id(),
        fraction=1.0,
        degraded=scan.degraded,
    )


def _task(order: Order, value_dtype: np.dtype[Any]) -> Task:
    plan = order.plan
    return Task(
        region=_region(list(order.places.values()), plan.glyph),
        aggregate=_aggregate(plan),
        x=plan.x.column,
        y=None if plan.glyph == compute_pb2.GLYPH_BINS else plan.y.column,
        rows=order.version.rows,
        value=plan.value or None,
        value_dtype=value_dtype if plan.value else None,
        category=plan.category or None,
        categories=plan.category_planes,
        other=plan.category_other,
    )


def _aggregate(plan: compute_pb2.Plan) -> compute_pb2.Aggregate.ValueType:
    if is_by_category(plan):
        return compute_pb2.AGGREGATE_CATEGORIES
    return {
        compute_pb2.ACCUMULATOR_COUNT: compute_pb2.AGGREGATE_COUNT,
        compute_pb2.ACCUMULATOR_ADD: compute_pb2.AGGREGATE_SUM,
        compute_pb2.ACCUMULATOR_MIN: compute_pb2.AGGREGATE_MIN,
        compute_pb2.ACCUMULATOR_MAX: compute_pb2.AGGREGATE_MAX,
        compute_pb2.ACCUMULATOR_MOMENTS: compute_pb2.AGGREGATE_SQUARES,
    }[accumulators_of(plan)[-1]]


def _region(places: list[Place], glyph: compute_pb2.Glyph.ValueType) -> LatticeRegion | FreeRegion:
    """The free viewport, or the smallest box that holds every tile."""
    tiles = [place for place in places if isinstance(place, Address)]
    if not tiles:
        (view,) = [place for place in places if isinstance(place, Viewport)]
        return FreeRegion(view.x0, view.x1, view.y0, view.y1, view.width, view.height)
    first_x, width = _span(tile.ix for tile in tiles)
    first_y, height = (0.0, 1) if glyph == compute_pb2.GLYPH_BINS else _span(tile.iy for tile in tiles)
    return LatticeRegion(tiles[0].ex, first_x, tiles[0].ey, first_y, width, height)


def _span(indices: Iterable[int]) -> tuple[float, int]:
    """First cell and number of cells. Raises `param_out_of_range` for cells so far out that floats skip some."""
    known = sorted(indices)
    first, last = known[0] * TILE, (known[-1] + 1) * TILE
    if float(first) != first or float(last) != last:
        raise HalftoneError(ErrorCode.PARAM_OUT_OF_RANGE, "There is no such tile.", "tiles")
    return float(first), last - first


def _box(task: Task) -> Box:
    """Where rows can matter; a closed box around a half-open region only lets a few more through."""
    region = task.region
    if isinstance(region, FreeRegion):
        x0, x1, y0, y1 = region.x0, region.x1, region.y0, region.y1
    else:
        x_cell, y_cell = 2.0**region.ex, 2.0**region.ey
        x0, x1 = region.first_x * x_cell, (region.first_x + region.width) * x_cell
        y0, y1 = region.first_y * y_cell, (region.first_y + region.height) * y_cell
    return Box(task.x, x0, x1) if task.y is None else Box(task.x, x0, x1, task.y, y0, y1)


def _cut(place: Place, task: Task, planes: list[Plane]) -> list[Plane]:
    region = task.region
    if isinstance(place, Viewport) or isinstance(region, FreeRegion):
        return planes
    left = place.ix * TILE - int(region.first_x)
    low = 0 if task.y is None else place.iy * TILE - int(region.first_y)
    return [Plane(plane.role, plane.cells[low : low + TILE, left : left + TILE], plane.category) for plane in planes]


def _piece(piece_id: bytes, place: Place, plan: compute_pb2.Plan, planes: list[Plane]) -> compute_pb2.EncodedPiece:
    height, width = planes[0].cells.shape
    extent = place.extent if isinstance(place, Viewport) else extent_of(place, plan.glyph)
    piece = frame_pb2.Piece(
        piece_id=piece_id,
        extent=frame_pb2.Extent(x0=extent[0], x1=extent[1], y0=extent[2], y1=extent[3]),
        width=width,
        height=height,
        planes=[encode(plane) for plane in planes],
        address=place.to_proto() if isinstance(place, Address) else None,
    )
    return compute_pb2.EncodedPiece(piece_id=piece_id, piece=piece.SerializeToString())
