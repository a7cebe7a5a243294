"""The stored tiles of an index for one plan, and what its crowded leaves hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from halftone.v1 import compute_pb2, frame_pb2
from halftone_views.glyph import glyph_of
from halftone_views.plan import accumulators_of, is_by_category, planes_of
from halftone_wire import Plane

from halftone_compute.backends.base import LatticeRegion
from halftone_compute.render.axes import name_of
from halftone_compute.render.joining import types_of_task
from halftone_compute.render.read.rows import task_of
from halftone_compute.store.pyramid.tiles import tile_bytes

if TYPE_CHECKING:
    from halftone_compute.render.job import RenderJob
    from halftone_compute.render.joining import Types
    from halftone_compute.store.base import OpenIndex
    from halftone_compute.store.index.leaves import Leaves
    from halftone_compute.store.pyramid.tiles import Pyramid

_COUNT = (compute_pb2.ACCUMULATOR_COUNT,)
_COUNTS = (frame_pb2.PLANE_ROLE_COUNT, frame_pb2.PLANE_ROLE_VALID, frame_pb2.PLANE_ROLE_CATEGORY)
_ONE_CELL = LatticeRegion(0, 0.0, 0, 0.0, 1, 1)


@dataclass(frozen=True)
class TileSet:
    """`plan` is what the tiles gather: all that it takes to join them, which may be more than was asked for.

    `crowds` are planes of shape (crowded leaves,), in the order of leaves. `types` has the type that each plane is
    joined in, by role: bytes of tiles have the smallest.
    """

    plan: compute_pb2.Plan
    pyramid: Pyramid
    crowds: list[Plane]
    types: Types

    @property
    def bytes(self) -> int:
        """What its file takes of the disk."""
        return len(self.pyramid.data)


def counted(job: RenderJob, leaves: Leaves, pyramid: Pyramid) -> TileSet:
    """The tiles that the import made: they count rows."""
    crowds = [Plane(frame_pb2.PLANE_ROLE_COUNT, leaves.rows[leaves.crowded])]
    return TileSet(job.plan, pyramid, crowds, types_of(job))


def is_of_pair(job: RenderJob, index: OpenIndex) -> bool:
    """Whether a job places all rows by the pair of an index, in whichever order of the two."""
    plan = job.plan
    if job.row_filter is not None or glyph_of(plan.glyph).is_flat:
        return False
    return {name_of(plan.x), name_of(plan.y)} == {index.x, index.y}


def is_count(plan: compute_pb2.Plan) -> bool:
    """Whether a plan takes nothing of rows but that they are there."""
    return accumulators_of(plan) == _COUNT and not is_by_category(plan)


def types_of(job: RenderJob) -> Types:
    """The types that the planes of a job are joined in, by role."""
    value = job.plan.value if compute_pb2.ACCUMULATOR_VALID in accumulators_of(job.plan) else ""
    dtype: np.dtype[Any] = np.dtype(np.float64)
    if value:
        (block,) = job.version.blocks([value], [(0, 1)])
        dtype = block.values[value].dtype
    return types_of_task(task_of(job, _ONE_CELL, dtype))


def empty(plan: compute_pb2.Plan) -> bytes:
    """The planes of a tile without rows, as a pyramid holds them."""
    none = np.zeros(1, np.uint8)
    return tile_bytes([Plane(role, none, category) for role, category in planes_of(plan)])
