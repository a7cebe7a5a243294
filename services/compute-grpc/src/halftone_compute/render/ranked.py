"""Steps in the order of their numbers: cells of all steps, permuted, those behind the first ones in one. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from halftone.v1 import compute_pb2, frame_pb2
from halftone_views.glyph import glyph_of
from halftone_views.lattice import TILE, Address, Viewport
from halftone_views.lattice.steps import cells_of, step_count
from halftone_views.lattice.transform import transform_of
from halftone_wire import Plane, finish

from halftone_compute.render.job import rank_of, ranked_axes
from halftone_compute.render.joining import asked, joinable
from halftone_compute.store.pyramid.joined import X_AXIS, Y_AXIS, beside, joined

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from halftone_compute.render.job import AxisName, Place, RenderJob

# What the one piece of all steps is called, of which the pieces of a job are cut.
_ALL_STEPS = b"all steps"
_ARRAY_AXES: Mapping[AxisName, int] = {"x": X_AXIS, "y": Y_AXIS}


@dataclass(frozen=True, slots=True)
class Ranking:
    """The steps of an axis that have a cell each, int64, and those that share one behind them."""

    first: np.ndarray
    others: np.ndarray

    @property
    def cells(self) -> np.ndarray:
        """The step of each cell, int64; of the others it is the number behind all steps."""
        return np.append(self.first, len(self.first) + len(self.others)) if len(self.others) else self.first

    @property
    def others_alone(self) -> np.ndarray:
        """int64 of shape (steps,): 0 for those that share a cell, else -1."""
        cell = np.full(len(self.first) + len(self.others), -1, np.int64)
        cell[self.others] = 0
        return cell


Rankings = dict["AxisName", Ranking]


def of_all_steps(job: RenderJob) -> RenderJob:
    """A job with a cell for each step, in their own order, where the axes are ranked, and all that joining cells takes.

    Of tiles, which stored ones can answer, but for a viewport whose other axis is not ranked.
    """
    plan = joinable(job.plan)
    plan.ClearField("rank")
    plan.ClearField("rank_y")
    places = list(job.places.values())
    tiles = [place for place in places if isinstance(place, Address)]
    steps = {name: _steps_of(job, name) for name in ranked_axes(job.plan)}
    if glyph_of(plan.glyph).is_flat or len(steps) > 1:
        made: list[Place] = list(_tiles_of_steps(steps))
    elif tiles:
        made = list(_tiles_of(tiles, steps))
    else:
        made = [_with_steps(place, steps) for place in places if isinstance(place, Viewport)]
    return replace(job, plan=plan, places=_keyed(made), approximate=False)


def of_steps(job: RenderJob, name: AxisName) -> RenderJob:
    """A job of all rows, with a bin for each step of an axis, whatever the rest of the picture shows."""
    plan = joinable(job.plan)
    bins = compute_pb2.Plan(glyph=compute_pb2.GLYPH_BINS, x=_axis_of(job, name), value=plan.value)
    bins.accumulators[:] = plan.accumulators
    made = list(_tiles_of_steps({"x": _steps_of(job, name)}))
    return replace(job, plan=bins, places=_keyed(made), approximate=False)


def order_of(job: RenderJob, name: AxisName, planes: Sequence[Plane]) -> Ranking:
    """The order of a ranked axis; `planes` are those of `of_steps`, or of `of_all_steps` where there is one axis."""
    rank, steps = rank_of(job.plan, name), _steps_of(job, name)
    order = _order(rank, planes, steps)
    cells = cells_of(steps, rank.top)
    first = steps if cells == steps else cells - 1
    return Ranking(order[:first], order[first:])


def assembled(job: RenderJob, pieces: Mapping[bytes, Sequence[Plane]]) -> list[Plane]:
    """The planes of all places of `of_all_steps` beside and above each other."""
    by_row: dict[int, dict[int, Sequence[Plane]]] = {}
    for piece_id, place in job.places.items():
        ix, iy = (place.ix, place.iy) if isinstance(place, Address) else (0, 0)
        by_row.setdefault(iy, {})[ix] = pieces[piece_id]
    rows = [_joined([row[ix] for ix in sorted(row)], X_AXIS) for _, row in sorted(by_row.items())]
    return _joined(rows, Y_AXIS)


def ranked(job: RenderJob, planes: Sequence[Plane], orders: Rankings) -> list[Plane]:
    """The planes that a job asks for, its ranked axes in their order. `planes` are those of `assembled`."""
    made = list(planes)
    for name, order in orders.items():
        axis = _ARRAY_AXES[name]
        if len(order.others):
            wide = [replace(plane, cells=_wide(plane.cells)) for plane in made]
            made = beside(_at(wide, order.first, axis), _together(_at(wide, order.others, axis), axis), axis)
        else:
            made = _at(made, order.first, axis)
    return asked(made, job.plan)


def cut(
    job: RenderJob, place: Place, planes: Sequence[Plane], orders: Rankings
) -> tuple[list[Plane], dict[AxisName, list[int]]]:
    """The planes of one place, out of those of `ranked`, and the steps of its cells on ranked axes. Cells of a tile
    behind the last step are empty.
    """
    steps: dict[AxisName, list[int]] = {}
    made = list(planes)
    for name, axis in _ARRAY_AXES.items():
        if axis == Y_AXIS and glyph_of(job.plan.glyph).is_flat:
            continue
        first, size = _span(job, place, name, is_ranked=name in orders)
        made = [replace(plane, cells=_part(plane.cells, axis, first, size)) for plane in made]
        if name in orders:
            cells = orders[name].cells
            steps[name] = cells[max(first, 0) : max(first + size, 0)].tolist()
    return made, steps


def _axis_of(job: RenderJob, name: AxisName) -> compute_pb2.Axis:
    return job.plan.x if name == "x" else job.plan.y


def _steps_of(job: RenderJob, name: AxisName) -> int:
    axis = _axis_of(job, name)
    return step_count(job.version.columns[axis.column], transform_of(axis.transform))


def _keyed(places: Sequence[Place]) -> dict[bytes, Place]:
    return {_ALL_STEPS + index.to_bytes(4, "big"): place for index, place in enumerate(places)}


def _with_steps(viewport: Viewport, steps: Mapping[AxisName, int]) -> Viewport:
    """The viewport with all steps of some axes."""
    if "x" in steps:
        viewport = replace(viewport, x0=0.0, x1=float(steps["x"]), width=steps["x"])
    if "y" in steps:
        viewport = replace(viewport, y0=0.0, y1=float(steps["y"]), height=steps["y"])
    return viewport


def _tiles_of_steps(steps: Mapping[AxisName, int]) -> Iterator[Address]:
    """The tiles of all steps of all axes, whose cells are one step wide; behind the last step they are empty."""
    for iy in range(-(-steps.get("y", 1) // TILE)):
        for ix in range(-(-steps["x"] // TILE)):
            yield Address(0, ix, 0, iy)


def _tiles_of(tiles: Sequence[Address], steps: Mapping[AxisName, int]) -> list[Address]:
    """The tiles of all steps of one axis, for each place of the others on the other axis."""
    [(name, count)] = steps.items()
    indices = range(-(-count // TILE))
    one = tiles[0]
    if name == "x":
        return [Address(one.ex, ix, one.ey, iy) for iy in sorted({tile.iy for tile in tiles}) for ix in indices]
    return [Address(one.ex, ix, one.ey, iy) for iy in indices for ix in sorted({tile.ix for tile in tiles})]


def _span(job: RenderJob, place: Place, name: AxisName, *, is_ranked: bool) -> tuple[int, int]:
    """The first cell of a place on an axis, among those of all places, and how many it has."""
    if isinstance(place, Viewport):
        low, cells = (place.x0, place.width) if name == "x" else (place.y0, place.height)
        return int(low) if is_ranked else 0, cells
    tiles = [each for each in job.places.values() if isinstance(each, Address)]
    index = place.ix if name == "x" else place.iy
    first = 0 if is_ranked else min(tile.ix if name == "x" else tile.iy for tile in tiles)
    return (index - first) * TILE, TILE


def _part(cells: np.ndarray, axis: int, first: int, size: int) -> np.ndarray:
    """So many cells of an axis from one on, empty where there are none."""
    low, high = max(first, 0), max(min(first + size, cells.shape[axis]), 0)
    found = np.take(cells, np.arange(low, high), axis)
    before, after = (size, 0) if low >= high else (low - first, first + size - high)
    room = [(0, 0), (0, 0)]
    room[axis] = before, after
    return np.pad(found, room)


def _order(rank: compute_pb2.Rank, planes: Sequence[Plane], steps: int) -> np.ndarray:
    """All steps, as the cells of the axis have them; int64 of shape (steps,)."""
    if rank.finisher == frame_pb2.FINISHER_UNSPECIFIED:
        wished = np.array([step for step in dict.fromkeys(rank.steps) if step < steps], np.int64)
        return np.concatenate((wished, np.setdiff1d(np.arange(steps), wished)))
    empty = frame_pb2.EMPTY_ZERO if list(rank.planes) == [frame_pb2.PLANE_ROLE_COUNT] else frame_pb2.EMPTY_NO_VALUE
    quantity = frame_pb2.Quantity(finisher=rank.finisher, planes=rank.planes, empty=empty)
    numbers = finish(quantity, _of_all_rows(planes), rounded=True)[0, :steps].astype(np.float64)
    # NaN, where there is no number, is sorted behind all.
    return np.argsort(numbers if rank.least_first else -numbers, kind="stable")


def _of_all_rows(planes: Sequence[Plane]) -> list[Plane]:
    """Planes of all rows of a step together, whatever their category."""
    rows = [plane.cells for plane in planes if plane.role == frame_pb2.PLANE_ROLE_CATEGORY]
    if not rows:
        return list(planes)
    counted = Plane(frame_pb2.PLANE_ROLE_COUNT, np.sum(rows, axis=0))
    return [counted, *(replace(plane, category=0) for plane in planes if plane.category == len(rows))]


def _wide(cells: np.ndarray) -> np.ndarray:
    """In the widest type of its sort: no sum of cells leaves it."""
    return cells.astype(f"{cells.dtype.kind}8")


def _together(planes: list[Plane], axis: int) -> list[Plane]:
    """One cell of an axis with the rows of all, two by two, so that sums of many are rounded as little as may be."""
    while (size := planes[0].cells.shape[axis]) > 1:
        half = size // 2
        pairs = joined(*(_at(planes, np.arange(side, 2 * half, 2), axis) for side in (0, 1)))
        planes = beside(pairs, _at(planes, np.arange(2 * half, size), axis), axis)
    return planes


def _joined(parts: Sequence[Sequence[Plane]], axis: int) -> list[Plane]:
    """Parts of a region, one behind the other on an axis."""
    made = list(parts[0])
    for part in parts[1:]:
        made = beside(made, part, axis)
    return made


def _at(planes: Sequence[Plane], cells: np.ndarray, axis: int) -> list[Plane]:
    return [replace(plane, cells=np.take(plane.cells, cells, axis)) for plane in planes]
