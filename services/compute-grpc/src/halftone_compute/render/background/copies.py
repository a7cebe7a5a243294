"""Ordered copies by version, axes and columns: for pictures whose axes are not those of the version's own index."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from halftone.v1 import compute_pb2
from halftone_views.glyph import glyph_of
from halftone_views.lattice import Address
from halftone_views.plan import accumulators_of, is_by_category

from halftone_compute.backends.base import OUTERMOST
from halftone_compute.render import axes
from halftone_compute.render.background.copy import CopyBuild, OrderedCopy, offset_for
from halftone_compute.store.base import ROW_NUMBER

if TYPE_CHECKING:
    from pathlib import Path

    from halftone_compute.backends.base import Cancel
    from halftone_compute.render.background.room import BackgroundRoom, MakeRoom
    from halftone_compute.render.job import RenderJob

# Fewer rows are read about as fast.
LEAST_ROWS: Final = 1 << 20
# A picture that is asked for once is not worth a copy; one whose cells are much longer on one axis is read as it is
# for a while.
_ASKED_OFTEN: Final = 2
_STRETCHED_OFTEN: Final = 8
# Steps of the levels that copies for such cells have, as exponents of two.
_STEP: Final = 4
_MOST_COUNTED: Final = 4096
_Key = tuple[str, tuple[str, ...], int]


class OrderedCopies:
    """For several threads, which may count a question twice."""

    def __init__(self, room: BackgroundRoom) -> None:
        self._room = room
        self._asked: Counter[_Key] = Counter()

    def best_for(self, job: RenderJob) -> RenderJob:
        """The same question of a copy, when there is one; else it is begun where questions like this come again."""
        if job.version.rows < LEAST_ROWS or job.row_filter is not None:
            return job
        offset = _offset(job)
        stretched = offset + _STEP * round((_stretch(job, offset) - offset) / _STEP)
        if stretched != offset and (found := self._of_copy(job, stretched, _STRETCHED_OFTEN)) is not None:
            return found
        if _is_of_index(job):
            return job
        return self._of_copy(job, offset, _ASKED_OFTEN) or job

    def _of_copy(self, job: RenderJob, offset: int, often: int) -> RenderJob | None:
        """The job of a copy with these levels; None as long as there is none."""
        columns = _columns(job)
        key = (job.version.version_id, columns, offset)
        self._count(key)
        if self._asked[key] < often:
            return None
        copy = self._room.get(("copy", *key), partial(_make, job, columns, offset))
        return _asked_of(job, copy) if isinstance(copy, OrderedCopy) else None

    def _count(self, key: _Key) -> None:
        if len(self._asked) >= _MOST_COUNTED:
            self._asked.clear()
        self._asked[key] += 1


def _offset(job: RenderJob) -> int:
    """How much longer cells are on x than on y, as an exponent of two, where a picture of these axes opens."""
    index = job.version.index
    return index.offset if index is not None and _is_of_index(job) else offset_for(job)


def _stretch(job: RenderJob, usual: int) -> int:
    """The same of the picture that is asked for."""
    if glyph_of(job.plan.glyph).is_flat:
        return usual
    return next((place.ex - place.ey for place in job.places.values() if isinstance(place, Address)), usual)


def _is_of_index(job: RenderJob) -> bool:
    """Whether the version itself is in the order of the axes of a job."""
    index, plan = job.version.index, job.plan
    if index is None or glyph_of(plan.glyph).is_flat:
        return False
    return (axes.name_of(plan.x), axes.name_of(plan.y)) == (index.x, index.y)


def _columns(job: RenderJob) -> tuple[str, ...]:
    """What a copy for a job holds: its axes first."""
    plan = job.plan
    accumulators = accumulators_of(plan)
    names = [axes.name_of(plan.x)]
    if not glyph_of(plan.glyph).is_flat:
        names.append(axes.name_of(plan.y))
    if compute_pb2.ACCUMULATOR_VALID in accumulators:
        names.append(plan.value)
    if is_by_category(plan):
        names.append(plan.category)
    if not OUTERMOST.isdisjoint(accumulators):
        names.append(ROW_NUMBER)
    return tuple(dict.fromkeys(names))


def _make(
    job: RenderJob, columns: tuple[str, ...], offset: int, folder: Path, make_room: MakeRoom, cancel: Cancel
) -> OrderedCopy:
    digest = hashlib.sha256("\n".join((job.version.version_id, *columns, str(offset))).encode()).hexdigest()
    # Engines keep columns under the id of their version.
    return CopyBuild(job, f"copy-{digest[:32]}", columns, offset, folder, make_room, cancel).run()


def _asked_of(job: RenderJob, copy: OrderedCopy) -> RenderJob:
    """The job with the axes of the copy, which are stored columns."""
    plan = compute_pb2.Plan()
    plan.CopyFrom(job.plan)
    for axis in (plan.x,) if glyph_of(plan.glyph).is_flat else (plan.x, plan.y):
        axis.column, axis.transform = axes.name_of(axis), compute_pb2.TRANSFORM_LINEAR
        axis.ClearField("width")
    return replace(job, version=copy, plan=plan, original=job)
