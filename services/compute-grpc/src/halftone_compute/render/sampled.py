"""The strategy that answers first and not exactly: from the sample of a version, where the exact answer takes long."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import structlog
from halftone_servicekit.errors import ErrorCode, HalftoneError
from typing_extensions import override

from halftone_compute.render.cut import cut, region_of
from halftone_compute.render.planner import Gathered, PiecePlanes, Strategy
from halftone_compute.store.sample import LEAST_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from halftone_compute.backends.base import Cancel
    from halftone_compute.render.background.tile_sets import TileSets
    from halftone_compute.render.job import RenderJob
    from halftone_compute.render.read.rows import RowReader

# Reading as many rows takes a core 20 to 60 ms: the exact picture is there before a person notices that it was not.
FEW_ROWS: Final = LEAST_ROWS

log = structlog.get_logger(__name__)


class FromSample(Strategy):
    """Answers jobs that may be approximate and read more than FEW_ROWS rows. Its pieces only stand for those asked."""

    def __init__(self, rows: RowReader, tile_sets: TileSets) -> None:
        self._rows = rows
        self._tile_sets = tile_sets

    @override
    def gather(self, job: RenderJob, cancel: Cancel) -> Iterator[Gathered]:
        # A copy has no sample of its own.
        asked = job if job.original is None else job.original
        sample = asked.version.sample if job.approximate else None
        if sample is None or self._count(job, cancel) <= FEW_ROWS:
            return
        of_sample = replace(asked, version=sample, places=job.places)
        try:
            # The share that is done is one of the exact answer.
            for group, part in self._rows.groups(of_sample, None, cancel.part(0.0, 0.0)):
                yield self._gathered(group, sample.rows / job.version.rows, part)
        except HalftoneError as error:
            if error.code is not ErrorCode.DATA_CORRUPT:
                raise
            # The rows themselves may be whole, and they are what was asked for.
            log.warning("sample_damaged", version_id=asked.version.version_id)

    def _count(self, job: RenderJob, cancel: Cancel) -> int:
        tiles = self._tile_sets.made_for(job, cancel)
        return self._rows.count_near(job, None if tiles is None else tiles.crowds, cancel)

    def _gathered(self, group: RenderJob, fraction: float, cancel: Cancel) -> Gathered:
        region = region_of(list(group.places.values()), group.plan.glyph)
        read = self._rows.read(group, region, None, cancel)
        pieces: dict[bytes, PiecePlanes] = {
            piece_id: cut(place, region, read.planes) for piece_id, place in group.places.items()
        }
        return Gathered(pieces, read.rows, read.backend, read.degraded, fraction=fraction)
