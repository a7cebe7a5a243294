"""The whole path of a job: the planner gathers its planes, and each piece is cut from them and encoded."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from halftone.v1 import compute_pb2, frame_pb2
from halftone_servicekit.telemetry import current_trace_id, tracer
from halftone_views.glyph import glyph_of
from halftone_views.plan import ENGINE_REVISION

from halftone_compute import metrics
from halftone_compute.render.background.copies import OrderedCopies
from halftone_compute.render.background.room import BackgroundRoom
from halftone_compute.render.background.tile_sets import TileSets
from halftone_compute.render.cut import cut, encoded, region_of, sample_id
from halftone_compute.render.job import ranked_axes
from halftone_compute.render.planner import Gathered, Planner
from halftone_compute.render.ranked import assembled, of_all_steps, of_steps, order_of, ranked
from halftone_compute.render.ranked import cut as cut_ranked
from halftone_compute.render.read.cores import Cores
from halftone_compute.render.read.rows import RowReader
from halftone_compute.render.sampled import FromSample
from halftone_compute.render.scan import Scan
from halftone_compute.render.statistics.made import BACKEND, in_order, statistic, without_statistic
from halftone_compute.render.stored import StoredTiles
from halftone_compute.render.unplaced import UnplacedRows
from halftone_compute.store.pyramid.joined import X_AXIS, beside
from halftone_compute.store.pyramid.tiles import planes_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from halftone_wire import Plane

    from halftone_compute.backends.base import Cancel
    from halftone_compute.backends.engines import Engines
    from halftone_compute.render.cut import Region
    from halftone_compute.render.job import RenderJob
    from halftone_compute.render.planner import PiecePlanes

    Emit = Callable[[compute_pb2.EncodedPiece], None]
    EmitSampled = Callable[[compute_pb2.SampledPieces], None]

Item = TypeVar("Item")

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

    def timed(self, name: str, items: Iterable[Item]) -> Iterator[Item]:
        """The items; the time that each takes to come belongs to a stage."""
        iterator = iter(items)
        while True:
            with self.stage(name):
                item = next(iterator, None)
            if item is None:
                return
            yield item


class Renderer:
    """Makes the pieces of jobs. `render` blocks; call it in a thread, in several at once if you like."""

    def __init__(
        self,
        engines: Engines,
        most_bytes: int,
        folder: Path | None = None,
        room_bytes: int = 0,
        cores: int = 1,
    ) -> None:
        """`most_bytes`: what the planes of one picture may take at a time; `cores`: how many scans share. What is made
        in the background takes at most `room_bytes` in `folder`; without one, nothing is made.
        """
        self._cores = Cores(cores)
        rows = RowReader(engines, most_bytes, self._cores)
        self._room = BackgroundRoom(folder, room_bytes)
        self._copies = OrderedCopies(self._room)
        tile_sets = TileSets(RowReader(engines, most_bytes), self._room)
        self._planner = Planner([StoredTiles(rows, tile_sets), FromSample(rows, tile_sets), Scan(rows, tile_sets)])
        self._unplaced = UnplacedRows()

    @property
    def is_making(self) -> bool:
        """Whether something is being made in the background."""
        return self._room.is_making

    def close(self) -> None:
        """Ends what is made in the background, and frees the threads. Blocks for a moment."""
        self._room.close()
        self._cores.close()

    def render(
        self, job: RenderJob, cancel: Cancel, emit: Emit, emit_sampled: EmitSampled | None = None
    ) -> frame_pb2.Receipt:
        """Hands each piece to `emit` as soon as it is encoded. Where that takes long, a job that may be approximate has
        pieces of a sample handed to `emit_sampled` before.

        Raises HalftoneError `render_too_large` before memory is taken, `cancelled`, or what the store raises.
        """
        if ranked_axes(job.plan):
            return self._ranked(job, cancel, emit)
        if job.plan.HasField("statistic"):
            return self._with_statistic(job, cancel, emit)
        stages = Stages()
        made: list[Gathered] = []
        for gathered in stages.timed("scan", self._planner.gather(self._copies.best_for(job), cancel)):
            if not gathered.is_exact:
                if emit_sampled is not None:
                    with stages.stage("encode"):
                        emit_sampled(_sampled(job, gathered))
                continue
            made.append(gathered)
            with stages.stage("encode"):
                _encode(job, gathered, cancel, emit)
        return self._ended(job, made, stages, cancel)

    def _ranked(self, job: RenderJob, cancel: Cancel, emit: Emit) -> frame_pb2.Receipt:
        """The same of steps in the order of their numbers: which are known once all are."""
        stages = Stages()
        made: list[Gathered] = []

        has_statistic = job.plan.HasField("statistic")
        asked, job = job, without_statistic(job) if has_statistic else job

        def planes_of(whole: RenderJob) -> list[Plane]:
            found: dict[bytes, list[Plane]] = {}
            for gathered in stages.timed("scan", self._planner.gather(self._copies.best_for(whole), cancel)):
                made.append(gathered)
                found |= {name: _as_planes(planes) for name, planes in gathered.taken()}
            return assembled(whole, found)

        whole = of_all_steps(job)
        grid = planes_of(whole)
        extra: list[Plane] = []
        if has_statistic:
            region = region_of(list(whole.places.values()), job.plan.glyph)
            extra = [self._statistic(asked, region, cancel, stages, made)]
        # Bins of all steps are all that their order takes.
        is_flat = glyph_of(job.plan.glyph).is_flat
        orders = {
            name: order_of(job, name, [*grid, *extra] if is_flat else planes_of(of_steps(job, name)))
            for name in ranked_axes(job.plan)
        }
        if has_statistic:
            extra = [in_order(extra[0], orders["x"].first)]
            if len(orders["x"].others):
                # That of the others together takes their values once more.
                mapping = orders["x"].others_alone
                extra = beside(extra, [self._statistic(asked, region, cancel, stages, made, mapping)], X_AXIS)
        with stages.stage("encode"):
            planes = [*ranked(job, grid, orders), *extra]
            for piece_id, place in job.places.items():
                cancel.check()
                own, steps = cut_ranked(job, place, planes, orders)
                x, y = steps.get("x", ()), steps.get("y", ())
                emit(encoded(piece_id, place, job.plan.glyph, own, steps=x, steps_y=y, pack=job.packs))
        return self._ended(job, made, stages, cancel)

    def _with_statistic(self, job: RenderJob, cancel: Cancel, emit: Emit) -> frame_pb2.Receipt:
        """The same with a plane more, whose rows are read for all pieces together."""
        stages = Stages()
        made: list[Gathered] = []
        plain = without_statistic(job)
        region = region_of(list(job.places.values()), job.plan.glyph)
        plane = self._statistic(job, region, cancel, stages, made)
        for gathered in stages.timed("scan", self._planner.gather(self._copies.best_for(plain), cancel)):
            made.append(gathered)
            with stages.stage("encode"):
                for piece_id, planes in gathered.taken():
                    cancel.check()
                    place = job.places[piece_id]
                    both = [*_as_planes(planes), *cut(place, region, [plane])]
                    emit(encoded(piece_id, place, job.plan.glyph, both, pack=job.packs))
        return self._ended(job, made, stages, cancel)

    def _statistic(
        self,
        job: RenderJob,
        region: Region,
        cancel: Cancel,
        stages: Stages,
        made: list[Gathered],
        mapping: np.ndarray | None = None,
    ) -> Plane:
        with stages.stage("scan"):
            plane, rows = statistic(job, region, cancel, mapping)
        made.append(Gathered({}, rows, BACKEND))
        return plane

    def _ended(self, job: RenderJob, made: Sequence[Gathered], stages: Stages, cancel: Cancel) -> frame_pb2.Receipt:
        """Counts what was done, and says it."""
        with stages.stage("scan"):
            unplaced = self._unplaced.of(job, cancel)
        _count(job, made)
        return receipt(job, made, unplaced, stages.ms)


def _as_planes(planes: PiecePlanes) -> list[Plane]:
    return planes_in(planes) if isinstance(planes, bytes) else planes


def _encode(job: RenderJob, gathered: Gathered, cancel: Cancel, emit: Emit) -> None:
    for piece_id, planes in gathered.taken():
        cancel.check()
        emit(encoded(piece_id, job.places[piece_id], job.plan.glyph, planes, pack=job.packs))


def _sampled(job: RenderJob, gathered: Gathered) -> compute_pb2.SampledPieces:
    """Pieces of a sample, each under an id of its own, beside the one that it stands for."""
    sampled = compute_pb2.SampledPieces(fraction=gathered.fraction)
    for piece_id, planes in gathered.taken():
        made = encoded(
            sample_id(piece_id), job.places[piece_id], job.plan.glyph, planes, gathered.fraction, pack=job.packs
        )
        sampled.pieces.add(stands_for=piece_id, piece_id=made.piece_id, piece=made.piece)
    return sampled


def _count(job: RenderJob, made: Sequence[Gathered]) -> None:
    metrics.ROWS_SCANNED.inc(sum(gathered.rows for gathered in made))
    metrics.TILES_READ.inc(sum(gathered.tiles for gathered in made))
    metrics.PIECES.inc(len(job.places))
    for reason in {gathered.degraded for gathered in made if gathered.degraded}:
        metrics.DEGRADED.labels(reason).inc()


def receipt(
    job: RenderJob, made: Sequence[Gathered], unplaced: frame_pb2.Unplaced, stages: Mapping[str, float]
) -> frame_pb2.Receipt:
    """The receipt of a job out of how its pieces were made. It names the engine of the last, which reads the rows."""
    return frame_pb2.Receipt(
        version_id=job.version.version_id,
        policy_hash=job.grant.policy_hash,
        backend=made[-1].backend,
        engine_revision=ENGINE_REVISION,
        rows_scanned=sum(gathered.rows for gathered in made),
        tiles_read=sum(gathered.tiles for gathered in made),
        pieces_total=len(job.places),
        stages=[frame_pb2.Stage(name=name, ms=ms) for name, ms in stages.items()],
        trace_id=current_trace_id(),
        fraction=1.0,
        degraded=next((gathered.degraded for gathered in made if gathered.degraded), ""),
        unplaced=unplaced,
    )
