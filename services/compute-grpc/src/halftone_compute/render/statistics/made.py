"""The statistic of a job: its plane, and the job without it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from halftone.v1 import compute_pb2, frame_pb2
from halftone_views.columns import ESTIMATED_FROM
from halftone_wire import Plane

from halftone_compute.render.statistics.distinct import estimated, exact
from halftone_compute.render.statistics.quantile import quantiles
from halftone_compute.render.statistics.values import ValuesOf

if TYPE_CHECKING:
    from halftone_compute.backends.base import Cancel
    from halftone_compute.render.cut import Region
    from halftone_compute.render.job import RenderJob

# What a receipt names beside the engine that gathered the other planes.
BACKEND = "cpu"


def without_statistic(job: RenderJob) -> RenderJob:
    """The job of all planes that engines gather."""
    plan = compute_pb2.Plan()
    plan.CopyFrom(job.plan)
    plan.ClearField("statistic")
    return replace(job, plan=plan, approximate=False)


def in_order(plane: Plane, cells: np.ndarray) -> Plane:
    """The plane with some of its cells, in their order."""
    return replace(plane, cells=plane.cells[:, cells])


def statistic(job: RenderJob, region: Region, cancel: Cancel, mapping: np.ndarray | None = None) -> tuple[Plane, int]:
    """The plane of a region of one row, and how many rows were read for it; with `mapping` in the cells that it has for
    those of the region. Raises HalftoneError `cancelled`, or what the store raises.
    """
    asked, passes = job.plan.statistic, ValuesOf(job, region, cancel, mapping)
    if asked.kind == frame_pb2.STATISTIC_KIND_QUANTILE:
        numbers = quantiles(passes, asked.share)
    elif job.version.columns[job.plan.value].distinct < ESTIMATED_FROM:
        numbers = exact(passes)
    else:
        numbers = estimated(passes)
    return Plane(frame_pb2.PLANE_ROLE_STATISTIC, numbers[np.newaxis]), passes.rows
