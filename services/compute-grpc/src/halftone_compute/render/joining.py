"""What it takes to join planes of two sets of rows, and what of it is shown. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from halftone.v1 import compute_pb2, frame_pb2
from halftone_views.plan import ROLES, accumulators_of, is_by_category, planes_of

from halftone_compute.backends.cpu.canvas import wide
from halftone_compute.store.pyramid.joined import can_join

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from halftone_views.codes import Role
    from halftone_wire import Plane

    from halftone_compute.backends.base import Task

Types: TypeAlias = "Mapping[Role, np.dtype[Any]]"
_COUNTS = (frame_pb2.PLANE_ROLE_COUNT, frame_pb2.PLANE_ROLE_VALID, frame_pb2.PLANE_ROLE_CATEGORY)


def joinable(plan: compute_pb2.Plan) -> compute_pb2.Plan | None:
    """The plan with all that joining its planes takes; None when they can not be joined."""
    accumulators = set(accumulators_of(plan))
    if compute_pb2.ACCUMULATOR_MOMENTS in accumulators:
        accumulators.add(compute_pb2.ACCUMULATOR_ADD)
    made = compute_pb2.Plan()
    made.CopyFrom(plan)
    made.ClearField("aggregate")
    made.accumulators[:] = sorted(accumulators)
    if not is_by_category(plan):
        for name in ("category", "category_planes", "category_other"):
            made.ClearField(name)
    return made if can_join([role for role, _ in planes_of(made)]) else None


def types_of_task(task: Task) -> Types:
    """The types that the planes of a task are joined in, by role: none loses a digit."""
    of_value = {ROLES[accumulator]: wide(task, accumulator) for accumulator in task.of_value}
    return {**dict.fromkeys(_COUNTS, np.dtype(np.uint64)), **of_value}


def widened(planes: Sequence[Plane], types: Types) -> list[Plane]:
    """The planes in the types that they are joined in."""
    return [replace(plane, cells=plane.cells.astype(types[plane.role], copy=False)) for plane in planes]


def asked(planes: Sequence[Plane], plan: compute_pb2.Plan) -> list[Plane]:
    """Those planes that a plan asks for, in its order."""
    by_place = {(plane.role, plane.category): plane for plane in planes}
    return [by_place[place] for place in planes_of(plan)]
