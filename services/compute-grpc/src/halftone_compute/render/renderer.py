"""The whole path of a job: the planner gathers its planes, and each piece is cut from them and encoded."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from halftone.v1 import frame_pb2
from halftone_servicekit.telemetry import current_trace_id, tracer
from halftone_views.plan import ENGINE_REVISION

from halftone_compute import metrics
from halftone_compute.render.cut import cut, encoded
from halftone_compute.render.planner import Planner
from halftone_compute.render.scan import Scan
from halftone_compute.render.unplaced import UnplacedRows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from halftone.v1 import compute_pb2

    from halftone_compute.backends.base import Cancel
    from halftone_compute.backends.engines import Engines
    from halftone_compute.render.job import RenderJob
    from halftone_compute.render.planner import Gathered

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


class Renderer:
    """Makes the pieces of jobs. `render` blocks; call it in a thread, in several at once if you like."""

    def __init__(self, engines: Engines, most_bytes: int) -> None:
        """`most_bytes`: what the planes of one picture may take."""
        self._planner = Planner([Scan(engines, most_bytes)])
        self._unplaced = UnplacedRows()

    def render(self, job: RenderJob, cancel: Cancel, emit: Emit) -> frame_pb2.Receipt:
        """Hands each piece to `emit` as soon as it is encoded.

        Raises HalftoneError `render_too_large` before memory is taken, `cancelled`, or what the store raises.
        """
        stages = Stages()
        with stages.stage("scan"):
            gathered = self._planner.gather(job, cancel)
            unplaced = self._unplaced.of(job, cancel)
        with stages.stage("encode"):
            for piece_id, place in job.places.items():
                cancel.check()
                emit(encoded(piece_id, place, job.plan.glyph, cut(place, gathered.region, gathered.planes)))
        metrics.ROWS_SCANNED.inc(gathered.rows)
        metrics.PIECES.inc(len(job.places))
        if gathered.degraded:
            metrics.DEGRADED.labels(gathered.degraded).inc()
        return receipt(job, gathered, unplaced, stages.ms)


def receipt(
    job: RenderJob, gathered: Gathered, unplaced: frame_pb2.Unplaced, stages: Mapping[str, float]
) -> frame_pb2.Receipt:
    return frame_pb2.Receipt(
        version_id=job.version.version_id,
        policy_hash=job.grant.policy_hash,
        backend=gathered.backend,
        engine_revision=ENGINE_REVISION,
        rows_scanned=gathered.rows,
        pieces_total=len(job.places),
        stages=[frame_pb2.Stage(name=name, ms=ms) for name, ms in stages.items()],
        trace_id=current_trace_id(),
        fraction=1.0,
        degraded=gathered.degraded,
        unplaced=unplaced,
    )
