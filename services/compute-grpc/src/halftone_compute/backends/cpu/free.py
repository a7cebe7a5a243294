"""The cell of each row in a free viewport, by Datashader's own formula (see `kernels`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from halftone_views.lattice import MAX_COORDINATE

from halftone_compute.backends.cpu import kernels
from halftone_compute.backends.cpu.rows import coordinates, floats
from halftone_compute.backends.datashader_axis import Range, scale_and_translate
from halftone_compute.backends.lift import lift_of_range

if TYPE_CHECKING:
    from halftone_compute.backends.base import FreeRegion, Task
    from halftone_compute.store.base import Block

# (low, high, scale, translate) of an axis, lifted.
Axis: TypeAlias = tuple[float, float, float, float]


def free_cells(task: Task, region: FreeRegion, block: Block) -> np.ndarray:
    """int64 of shape (rows,): the flat cell of each row of a block; rows outside have the number after the last."""
    flat = np.empty(len(block.values[task.x]), np.int64)
    x = region.x0, region.x1
    if task.y is None:
        kernels.flatten_view_bins(_prepared(block, task.x, x), _axis(x, region.width), region.width, flat)
        return flat
    y = region.y0, region.y1
    if _is_plain(x) and _is_plain(y):
        xs, ys = coordinates(block, task.x, task.y)
    else:
        xs, ys = _prepared(block, task.x, x), _prepared(block, task.y, y)
    axes = _axis(x, region.width), _axis(y, region.height)
    kernels.flatten_view(xs, ys, *axes, region.width, region.height, flat)
    return flat


def _is_plain(bounds: Range) -> bool:
    """Whether coordinates can be taken as they are."""
    return bounds[1] < MAX_COORDINATE and lift_of_range(*bounds) == 1.0


def _axis(bounds: Range, cells: int) -> Axis:
    lift = lift_of_range(*bounds)
    lifted = bounds[0] * lift, bounds[1] * lift
    return *lifted, *scale_and_translate(lifted, cells)


def _prepared(block: Block, name: str, bounds: Range) -> np.ndarray:
    """One axis as float64: lifted where the range is very narrow, NaN for rows without a place."""
    numbers = floats(block, name)
    if bounds[1] >= MAX_COORDINATE:
        numbers[numbers >= MAX_COORDINATE] = np.nan
    lift = lift_of_range(*bounds)
    if lift != 1.0:
        with np.errstate(over="ignore"):
            numbers *= lift
    return numbers
