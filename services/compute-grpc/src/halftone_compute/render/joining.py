"""What it takes to join planes of two sets of rows, and what of it is shown. Pure."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from halftone.v1 import compute_pb2, frame_pb2
from halftone_views.codes import EARLIEST_AT, FIRST_ROW, LAST_ROW, LATEST_AT
from halftone_views.plan import ROLES, accumulators_of, is_by_category, planes_of

from halftone_compute.backends.base import OF_ORDERS, OF_ROWS
from halftone_compute.backends.cpu.canvas import wide

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from halftone_views.codes import Accumulator, Role
    from halftone_wire import Plane

    from halftone_compute.backends.base import Task

Types: TypeAlias = "Mapping[Role, np.dtype[Any]]"
_COUNTS = (frame_pb2.PLANE_ROLE_COUNT, frame_pb2.PLANE_ROLE_VALID, frame_pb2.PLANE_ROLE_CATEGORY)


# What planes of an accumulator can not be joined without.
_NEEDED: Mapping[Accumulator, Accumulator] = MappingProxyType(
    {
        compute_pb2.ACCUMULATOR_MOMENTS: compute_pb2.ACCUMULATOR_ADD,
        compute_pb2.ACCUMULATOR_FIRST: FIRST_ROW,
        compute_pb2.ACCUMULATOR_LAST: LAST_ROW,
        compute_pb2.ACCUMULATOR_EARLIEST: EARLIEST_AT,
        compute_pb2.ACCUMULATOR_LATEST: LATEST_AT,
    }
)


def joinable(plan: compute_pb2.Plan) -> compute_pb2.Plan:
    """The plan with all that joining its planes takes."""
    accumulators = set(accumulators_of(plan))
    accumulators.update(needed for found, needed in _NEEDED.items() if found in accumulators)
    made = compute_pb2.Plan()
    made.CopyFrom(plan)
    made.ClearField("aggregate")
    made.accumulators[:] = sorted(accumulators)
    if not is_by_category(plan):
        for name in ("category", "category_planes", "category_other"):
            made.ClearField(name)
    return made


def types_of_task(task: Task) -> Types:
    """The types that the planes of a task are joined in, by role: none loses a digit."""
    of_rows = {**dict.fromkeys(OF_ROWS, np.dtype(np.int64)), **dict.fromkeys(OF_ORDERS, np.dtype(np.uint64))}
    of_value = {
        ROLES[accumulator]: of_rows[accumulator] if accumulator in of_rows else wide(task, accumulator)
        for accumulator in task.of_value
    }
    return {**dict.fromkeys(_COUNTS, np.dtype(np.uint64)), **of_value}


def widened(planes: Sequence[Plane], types: Types) -> list[Plane]:
    """The planes in the types that they are joined in."""
    return [replace(plane, cells=plane.cells.astype(types[plane.role], copy=False)) for plane in planes]


def asked(planes: Sequence[Plane], plan: compute_pb2.Plan) -> list[Plane]:
    """Those planes that a plan asks for, in its order."""
    by_place = {(plane.role, plane.category): plane for plane in planes}
    return [by_place[place] for place in planes_of(plan)]
