"""Free viewports on processors: Datashader, fed block by block (see `datashade`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from halftone.v1 import compute_pb2, frame_pb2
from halftone_views.lattice import MAX_COORDINATE
from halftone_views.plan import ROLES
from halftone_wire import Plane
from typing_extensions import override

from halftone_compute.backends.base import Canvas, FreeRegion
from halftone_compute.backends.cpu import datashade
from halftone_compute.backends.cpu.lattice import EXTREMES
from halftone_compute.backends.cpu.rows import floats, parts
from halftone_compute.backends.lift import lift_of_range

if TYPE_CHECKING:
    from halftone_compute.backends.base import Cancel, Task
    from halftone_compute.store.base import Block

# Rows handled at once: Datashader's calls cost more to start than our loops, so it gets more.
DATASHADER_ROWS = 262_144


class FreeCanvas(Canvas):
    """Datashader's arrays of one picture."""

    def __init__(self, task: Task, region: FreeRegion) -> None:
        """`task` has at most one value accumulator."""
        self._task = task
        self._x = region.x0, region.x1
        self._y = (0.0, 1.0) if task.y is None else (region.y0, region.y1)
        self._canvas = datashade.Canvas(
            gathered_of(task), region.width, region.height, _lifted(self._x), _lifted(self._y)
        )

    @override
    def add(self, block: Block, cancel: Cancel) -> None:
        for part in parts(block, self._task, DATASHADER_ROWS):
            cancel.check()
            self._add(part)

    @override
    def planes(self) -> list[Plane]:
        task, found = self._task, self._canvas.planes()
        if task.category is not None:
            return [
                Plane(frame_pb2.PLANE_ROLE_CATEGORY, found["codes"][:, :, index], index)
                for index in range(task.categories)
            ]
        planes = [Plane(frame_pb2.PLANE_ROLE_COUNT, found["rows"])]
        if task.of_value:
            planes += [Plane(frame_pb2.PLANE_ROLE_VALID, found["valid"]), _finished(task, found)]
        return planes

    def _add(self, block: Block) -> None:
        task = self._task
        xs = _coordinates(block, task.x, self._x)
        columns = {"x": xs, "y": np.full(len(xs), 0.5) if task.y is None else _coordinates(block, task.y, self._y)}
        if task.value is not None and task.of_value:
            values = floats(block, task.value)
            values[np.isinf(values)] = np.nan
            columns["v"] = values
        if task.category is not None:
            columns["c"] = _codes(task, block.values[task.category])
        self._canvas.add(datashade.frame(columns))


def _lifted(bounds: tuple[float, float]) -> tuple[float, float]:
    lift = lift_of_range(*bounds)
    return bounds[0] * lift, bounds[1] * lift


def _coordinates(block: Block, name: str, bounds: tuple[float, float]) -> np.ndarray:
    """One axis as Datashader gets it: lifted where the range is very narrow, NaN for rows without a place."""
    numbers = floats(block, name)
    if bounds[1] >= MAX_COORDINATE:
        numbers[numbers >= MAX_COORDINATE] = np.nan
    lift = lift_of_range(*bounds)
    if lift != 1.0:
        with np.errstate(over="ignore"):
            numbers *= lift
    return numbers


def gathered_of(task: Task) -> datashade.Gathered:
    """What Datashader gathers for a task."""
    if task.category is not None:
        return datashade.BY_CATEGORY
    return task.of_value[0] if task.of_value else compute_pb2.ACCUMULATOR_COUNT


def _finished(task: Task, found: dict[str, np.ndarray]) -> Plane:
    (accumulator,) = task.of_value
    value = np.where(found["valid"] == 0, 0.0, found["value"])
    if accumulator == compute_pb2.ACCUMULATOR_MOMENTS:
        value *= found["valid"]
    if accumulator in EXTREMES and task.value_dtype is not None and _fits_float64(task.value_dtype):
        value = value.astype(task.value_dtype)
    return Plane(ROLES[accumulator], value)


def _codes(task: Task, codes: np.ndarray) -> np.ndarray:
    last = task.categories - 1
    return np.minimum(codes, last) if task.other else np.where(codes > last, -1, codes)


def _fits_float64(dtype: np.dtype[np.generic]) -> bool:
    """Whether Datashader, which finds extremes as float64, gives every value of this type back exactly."""
    return dtype.kind == "f" or dtype.itemsize <= 4
