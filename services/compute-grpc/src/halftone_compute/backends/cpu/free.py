"""Free viewports on processors: Datashader, fed block by block (see `datashade`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from halftone.v1 import compute_pb2, frame_pb2
from halftone_views.plan import ROLES
from halftone_wire import Plane
from typing_extensions import override

from halftone_compute.backends.base import Canvas, FreeRegion
from halftone_compute.backends.cpu import datashade
from halftone_compute.backends.cpu.lattice import EXTREMES
from halftone_compute.backends.cpu.rows import floats, parts

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
        y_range = (0.0, 1.0) if task.y is None else (region.y0, region.y1)
        self._canvas = datashade.Canvas(gathered_of(task), region.width, region.height, (region.x0, region.x1), y_range)

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
        xs = floats(block, task.x)
        columns = {"x": xs, "y": np.full(len(xs), 0.5) if task.y is None else floats(block, task.y)}
        if task.value is not None and task.of_value:
            columns["v"] = floats(block, task.value)
        if task.category is not None:
            columns["c"] = _codes(task, block.values[task.category])
        self._canvas.add(datashade.frame(columns))


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
