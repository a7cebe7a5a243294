"""Tile sets by version and plan."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from halftone_compute.render.background.build import TileBuild
from halftone_compute.render.background.tile_set import TileSet, counted, is_count, is_of_pair
from halftone_compute.render.joining import joinable

if TYPE_CHECKING:
    from pathlib import Path

    from halftone_compute.backends.base import Cancel
    from halftone_compute.render.background.room import BackgroundRoom, MakeRoom
    from halftone_compute.render.job import RenderJob
    from halftone_compute.render.read.rows import RowReader
    from halftone_compute.store.base import OpenIndex


class TileSets:
    """Those of an index, and others of the same tiles, which a room makes and keeps. For several threads."""

    def __init__(self, rows: RowReader, room: BackgroundRoom) -> None:
        self._rows = rows
        self._room = room

    def made_for(self, job: RenderJob, cancel: Cancel) -> TileSet | None:
        """The tile set of a job; None when there is none, or none yet: then it is begun."""
        index = job.version.index
        if index is None or not is_of_pair(job, index):
            return None
        if is_count(job.plan):
            return counted(job, index.leaves(cancel.check), index.pyramid(cancel.check))
        if job.plan.x.column != index.x:
            return None
        plan = joinable(job.plan)
        key = ("tiles", job.version.version_id, plan.SerializeToString(deterministic=True))
        made = self._room.get(key, partial(self._make, replace(job, plan=plan, places={}, view_key=None), index))
        return made if isinstance(made, TileSet) else None

    def _make(self, job: RenderJob, index: OpenIndex, folder: Path, make_room: MakeRoom, cancel: Cancel) -> TileSet:
        leaves, base = index.leaves(cancel.check), index.pyramid(cancel.check)
        with tempfile.TemporaryFile(dir=folder) as file:
            return TileBuild(job, leaves, base, self._rows, file, make_room, cancel).run()
