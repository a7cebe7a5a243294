"""Bars in the order of their numbers: cells of all steps, permuted, those behind the first ones in one. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from halftone.v1 import compute_pb2, frame_pb2
from halftone_views.lattice import TILE, Address, Viewport
from halftone_views.lattice.steps import cells_of, step_count
from halftone_views.lattice.transform import transform_of
from halftone_views.plan import is_by_category
from halftone_wire import Plane, finish

from halftone_compute.render.joining import asked, joinable
from halftone_compute.store.pyramid.joined import joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from halftone_compute.render.job import Place, RenderJob

# What the one piece of all steps is called, of which the pieces of a job are cut.
_ALL_STEPS = b"all steps"


def of_all_steps(job: RenderJob) -> RenderJob:
    """A job of one piece with a cell for each step, in their own order, and all that joining cells takes."""
    plan = joinable(job.plan)
    plan.ClearField("rank")
    steps = _steps_of(job)
    whole = Viewport(0.0, float(steps), 0.0, 1.0, steps, 1, exact=True)
    return replace(job, plan=plan, places={_ALL_STEPS: whole}, approximate=False)


def ranked(job: RenderJob, planes: Sequence[Plane]) -> tuple[list[Plane], np.ndarray]:
    """The planes that a job asks for, of shape (1, cells), in the order that it asks for; and the step of each cell,
    int64 of shape (cells,). `planes` are those of `of_all_steps`.
    """
    rank, steps = job.plan.rank, _steps_of(job)
    planes = [replace(plane, cells=_wide(plane.cells)) for plane in planes]
    order = _order(rank, job.plan, planes, steps)
    cells = cells_of(steps, rank.top)
    if cells < steps:
        first, rest = order[: cells - 1], order[cells - 1 :]
        planes = _beside(_at(planes, first), _together(_at(planes, rest)))
        order = np.append(first, steps)
    else:
        planes = _at(planes, order)
    return asked(planes, job.plan), order


def cut(place: Place, planes: Sequence[Plane], steps: np.ndarray) -> tuple[list[Plane], list[int]]:
    """The planes of one place, and the steps of its cells. Cells of a tile behind the last step are empty."""
    if isinstance(place, Address):
        first, size = place.ix * TILE, TILE
    else:
        first, size = int(place.x0), place.width
    found = steps[first : first + size] if first >= 0 else steps[:0]
    cells = [np.zeros((1, size), plane.cells.dtype) for plane in planes]
    for target, plane in zip(cells, planes, strict=True):
        target[:, : len(found)] = plane.cells[:, first : first + len(found)]
    return [replace(plane, cells=own) for plane, own in zip(planes, cells, strict=True)], found.tolist()


def _steps_of(job: RenderJob) -> int:
    axis = job.plan.x
    return step_count(job.version.columns[axis.column], transform_of(axis.transform))


def _order(rank: compute_pb2.Rank, plan: compute_pb2.Plan, planes: Sequence[Plane], steps: int) -> np.ndarray:
    """All steps, as the cells of the axis have them; int64 of shape (steps,)."""
    if rank.finisher == frame_pb2.FINISHER_UNSPECIFIED:
        wished = np.array([step for step in dict.fromkeys(rank.steps) if step < steps], np.int64)
        return np.concatenate((wished, np.setdiff1d(np.arange(steps), wished)))
    empty = frame_pb2.EMPTY_ZERO if list(rank.planes) == [frame_pb2.PLANE_ROLE_COUNT] else frame_pb2.EMPTY_NO_VALUE
    quantity = frame_pb2.Quantity(finisher=rank.finisher, planes=rank.planes, empty=empty)
    numbers = finish(quantity, _of_all_rows(plan, planes), rounded=True)[0].astype(np.float64)
    # NaN, where there is no number, is sorted behind all.
    return np.argsort(numbers if rank.least_first else -numbers, kind="stable")


def _of_all_rows(plan: compute_pb2.Plan, planes: Sequence[Plane]) -> list[Plane]:
    """Planes of all rows of a step together, whatever their category."""
    if not is_by_category(plan):
        return list(planes)
    rows = [plane.cells for plane in planes if plane.role == frame_pb2.PLANE_ROLE_CATEGORY]
    counted = Plane(frame_pb2.PLANE_ROLE_COUNT, np.sum(rows, axis=0))
    return [counted, *(replace(plane, category=0) for plane in planes if plane.category == len(rows))]


def _wide(cells: np.ndarray) -> np.ndarray:
    """In the widest type of its sort: no sum of cells leaves it."""
    return cells.astype(f"{cells.dtype.kind}8")


def _together(planes: list[Plane]) -> list[Plane]:
    """One cell with the rows of all cells, two by two, so that sums of many are rounded as little as may be."""
    while (size := planes[0].cells.shape[1]) > 1:
        half = size // 2
        pairs = joined(*(_at(planes, np.arange(side, 2 * half, 2)) for side in (0, 1)))
        planes = _beside(pairs, _at(planes, np.arange(2 * half, size)))
    return planes


def _beside(first: Sequence[Plane], second: Sequence[Plane]) -> list[Plane]:
    return [replace(a, cells=np.concatenate((a.cells, b.cells), axis=1)) for a, b in zip(first, second, strict=True)]


def _at(planes: Sequence[Plane], cells: np.ndarray) -> list[Plane]:
    return [replace(plane, cells=plane.cells[:, cells]) for plane in planes]
