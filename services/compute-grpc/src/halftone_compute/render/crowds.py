"""Rows that all lie at one point: counted without being read, so that what a picture reads stays bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from halftone.v1 import compute_pb2
from halftone_views.glyph import glyph_of
from halftone_views.plan import accumulators_of, is_by_category

from halftone_compute.backends.base import Task
from halftone_compute.backends.cpu.engine import cells_of
from halftone_compute.render.axes import name_of
from halftone_compute.store.base import Block

if TYPE_CHECKING:
    from halftone_wire import Plane

    from halftone_compute.render.cut import Region
    from halftone_compute.render.job import RenderJob
    from halftone_compute.store.index.leaves import Leaves


def can_count_unread(job: RenderJob, leaves: Leaves) -> bool:
    """Whether a job takes nothing of rows but that they are there."""
    plan = job.plan
    if job.row_filter is not None or glyph_of(plan.glyph).is_flat or is_by_category(plan):
        return False
    is_pair = {name_of(plan.x), name_of(plan.y)} == {leaves.x, leaves.y}
    return is_pair and accumulators_of(plan) == (compute_pb2.ACCUMULATOR_COUNT,)


def add_crowds(job: RenderJob, planes: list[Plane], region: Region, leaves: Leaves, chosen: np.ndarray) -> None:
    """Adds the rows of chosen leaves, which all are crowded, to the count plane of a region."""
    (plane,) = planes
    x, y = job.plan.x.column, job.plan.y.column
    task = Task(region, accumulators_of(job.plan), x, y, job.version.rows)
    points = Block(0, {name: leaves.zones[name][0][chosen] for name in (x, y)}, {})
    # One cell more, for points that lie outside.
    counts = np.zeros(task.cells + 1, plane.cells.dtype)
    np.add.at(counts, cells_of(task, points), leaves.rows[chosen].astype(counts.dtype))
    plane.cells[:] += counts[: task.cells].reshape(plane.cells.shape)
