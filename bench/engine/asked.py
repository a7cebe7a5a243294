"""Pictures that the import made no tiles for: of the sample, by a scan on one core and on all, and once the background
is done.
"""

from __future__ import annotations

import os
import statistics
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from halftone.v1 import compute_pb2
from halftone_compute.backends.base import Cancel
from halftone_compute.backends.cpu.engine import CpuEngine
from halftone_compute.backends.engines import Engines
from halftone_compute.render.background.copies import LEAST_ROWS
from halftone_compute.render.job import RenderJob
from halftone_compute.render.renderer import Renderer
from halftone_views.kinds.line import EVERY
from halftone_views.lattice import Address

from bench.engine.gestures import PLAN
from bench.engine.imported import GRANT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from halftone.v1 import frame_pb2
    from halftone_compute.store.versions import GrantedVersion

_TIMES = 5
# A scan on two cores takes as long as the slower one: by chance more often than a frame.
_SCANS = 15
_ROOM_BYTES = 32 << 30
_PATIENCE_S = 3600.0
MEAN = (compute_pb2.ACCUMULATOR_COUNT, compute_pb2.ACCUMULATOR_VALID, compute_pb2.ACCUMULATOR_ADD)
# Cells of about a hundredth of the spread: a whole view.
_EXPONENT = -7
_FLAT = [Address(_EXPONENT, ix, 0, 0) for ix in range(-2, 2)]
_WHOLE = [Address(_EXPONENT, ix, _EXPONENT, iy) for ix in range(-2, 2) for iy in (-2, -1, 0)]


@dataclass(frozen=True)
class Asked:
    """Milliseconds of a picture on the clock: of the sample, by one core, by all, and from what the background made in
    `made_s`. `first` is None where the exact picture comes first.
    """

    name: str
    first: float | None
    one_core: float
    all_cores: float
    later: float
    made_s: float

    @property
    def share(self) -> float:
        """What all cores take, over what one takes."""
        return self.all_cores / self.one_core

    @property
    def made_share(self) -> float:
        """What it takes once the background is done, over a scan by all cores."""
        return self.later / self.all_cores


@dataclass(frozen=True)
class Question:
    """A picture: its plan, and the tiles of it."""

    name: str
    plan: compute_pb2.Plan
    tiles: Sequence[Address]


def asked(version: GrantedVersion, folder: Path, questions: Iterable[Question]) -> list[Asked]:
    """Each question, of a renderer with one core, of one with all, and of one that keeps what it makes."""
    cores = len(os.sched_getaffinity(0))
    one, several = (Renderer(Engines(CpuEngine()), 1 << 30, cores=count) for count in (1, cores))
    keeping = Renderer(Engines(CpuEngine()), 1 << 30, folder, _ROOM_BYTES, cores)
    try:
        return [_asked(version, question, (one, several, keeping)) for question in questions]
    finally:
        for renderer in (one, several, keeping):
            renderer.close()


def questions(rows: int) -> Iterator[Question]:
    """Those that something is made for, of so many rows."""
    for name, plan in _plans(rows):
        yield Question(name, plan, _FLAT if plan.glyph == compute_pb2.GLYPH_BINS else _WHOLE)


def _plans(rows: int) -> Iterator[tuple[str, compute_pb2.Plan]]:
    mean = _copied()
    mean.accumulators[:], mean.value = MEAN, "x"
    yield "mean of x", mean
    if rows < LEAST_ROWS:
        return
    swapped = _copied()
    swapped.x.column, swapped.y.column = "y", "x"
    yield "another pair", swapped
    bins = _copied()
    bins.glyph = compute_pb2.GLYPH_BINS
    bins.ClearField("y")
    yield "histogram", bins
    line = compute_pb2.Plan()
    line.CopyFrom(bins)
    line.accumulators[:], line.value = EVERY.gathered(), "y"
    yield "line", line


def _copied() -> compute_pb2.Plan:
    plan = compute_pb2.Plan()
    plan.CopyFrom(PLAN)
    return plan


def _asked(version: GrantedVersion, question: Question, renderers: tuple[Renderer, Renderer, Renderer]) -> Asked:
    one, several, keeping = renderers
    # Once each, so that nothing is compiled while it is measured.
    for renderer in (one, several):
        _drawn(renderer, version, question)
    times: list[tuple[float, float]] = []
    for _ in range(_SCANS):
        times.append((_drawn(one, version, question)[0], _drawn(several, version, question)[0]))
    firsts = [_first(several, version, question) for _ in range(_TIMES)]
    first = statistics.median(ms for ms in firsts if ms is not None) if None not in firsts else None
    started = time.perf_counter()
    while not _drawn(keeping, version, question)[1].tiles_read:
        if time.perf_counter() - started > _PATIENCE_S:
            raise TimeoutError(question.name)
        time.sleep(0.1)
    while keeping.is_making:
        time.sleep(0.1)
    made = time.perf_counter() - started
    later = statistics.median(_drawn(keeping, version, question)[0] for _ in range(_TIMES))
    alone, together = (statistics.median(each) for each in zip(*times, strict=True))
    return Asked(question.name, first, alone, together, later, made)


def _drawn(renderer: Renderer, version: GrantedVersion, question: Question) -> tuple[float, frame_pb2.Receipt]:
    started = time.perf_counter()
    receipt = renderer.render(_job(version, question), Cancel(), lambda piece: None)
    return (time.perf_counter() - started) * 1000, receipt


def _first(renderer: Renderer, version: GrantedVersion, question: Question) -> float | None:
    """Milliseconds until all pieces of the sample are there; None where there are none."""
    times: list[float] = []
    started = time.perf_counter()
    job = replace(_job(version, question), approximate=True)
    renderer.render(job, Cancel(), lambda piece: None, lambda pieces: times.append(time.perf_counter() - started))
    return times[0] * 1000 if times else None


def _job(version: GrantedVersion, question: Question) -> RenderJob:
    places = {index.to_bytes(16, "big"): tile for index, tile in enumerate(question.tiles)}
    return RenderJob(GRANT, version, question.plan, places)
