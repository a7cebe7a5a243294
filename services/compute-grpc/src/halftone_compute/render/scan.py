"""The strategy that reads rows: one scan for as many pieces of a job as fit in memory, by the current engine."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from typing_extensions import override

from halftone_compute.render.cut import cut, region_of
from halftone_compute.render.joining import asked
from halftone_compute.render.planner import Gathered, PiecePlanes, Strategy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from halftone.v1 import compute_pb2
    from halftone_wire import Plane

    from halftone_compute.backends.base import Cancel
    from halftone_compute.render.background.tile_sets import TileSets
    from halftone_compute.render.job import RenderJob
    from halftone_compute.render.read.rows import RowReader


class Scan(Strategy):
    """Answers every job: one scan for each group of its pieces. It reads only rows that an index has near them."""

    def __init__(self, rows: RowReader, tile_sets: TileSets) -> None:
        self._rows = rows
        self._tile_sets = tile_sets

    @override
    def gather(self, job: RenderJob, cancel: Cancel) -> Iterator[Gathered]:
        tiles = self._tile_sets.made_for(job, cancel)
        plan, crowds = (job.plan, None) if tiles is None else (tiles.plan, tiles.crowds)
        for group, part in self._rows.groups(replace(job, plan=plan), crowds, cancel):
            yield self._gathered(group, job.plan, crowds, part)

    def _gathered(
        self, group: RenderJob, plan: compute_pb2.Plan, crowds: Sequence[Plane] | None, cancel: Cancel
    ) -> Gathered:
        region = region_of(list(group.places.values()), plan.glyph)
        read = self._rows.near(group, region, crowds, cancel)
        planes = asked(read.planes, plan)
        pieces: dict[bytes, PiecePlanes] = {
            piece_id: cut(place, region, planes) for piece_id, place in group.places.items()
        }
        return Gathered(pieces, read.rows, read.backend, read.degraded)
