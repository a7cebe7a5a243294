"""The strategy that reads rows: one scan for all pieces of a job, by the current engine."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from typing_extensions import override

from halftone_compute.render.cut import cut, region_of
from halftone_compute.render.joining import asked
from halftone_compute.render.planner import Gathered, Strategy

if TYPE_CHECKING:
    from halftone_compute.backends.base import Cancel
    from halftone_compute.render.background.tile_sets import TileSets
    from halftone_compute.render.job import RenderJob
    from halftone_compute.render.read.rows import RowReader


class Scan(Strategy):
    """Answers every job: one scan for all its pieces. It reads only rows that an index has near them."""

    def __init__(self, rows: RowReader, tile_sets: TileSets) -> None:
        self._rows = rows
        self._tile_sets = tile_sets

    @override
    def gather(self, job: RenderJob, cancel: Cancel) -> Gathered:
        region = region_of(list(job.places.values()), job.plan.glyph)
        tiles = self._tile_sets.made_for(job, cancel)
        if tiles is None:
            read = self._rows.near(job, region, None, cancel)
        else:
            read = self._rows.near(replace(job, plan=tiles.plan), region, tiles.crowds, cancel)
        planes = read.planes if tiles is None else asked(read.planes, job.plan)
        pieces = {piece_id: cut(place, region, planes) for piece_id, place in job.places.items()}
        return Gathered(pieces, read.rows, read.backend, read.degraded)
