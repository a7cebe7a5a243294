"""The lattice cell of each row (see `kernels`)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from halftone_views.lattice import MAX_COORDINATE

from halftone_compute.backends.cpu import kernels
from halftone_compute.backends.cpu.rows import coordinates, floats
from halftone_compute.backends.lift import lift_of_level, per_unit

if TYPE_CHECKING:
    from halftone_compute.backends.base import LatticeRegion, Task
    from halftone_compute.store.base import Block


def lattice_cells(task: Task, region: LatticeRegion, block: Block) -> np.ndarray:
    """int64 of shape (rows,): the flat cell of each row of a block; rows outside have the number after the last."""
    flat = np.empty(len(block.values[task.x]), np.int64)
    per_x = per_unit(region.ex)
    if task.y is None:
        xs = floats(block, task.x)
        _prepare(xs, region.ex, region.first_x, region.width)
        kernels.flatten_bins(xs, per_x, region.first_x, region.width, flat)
        return flat
    per_y = per_unit(region.ey)
    if _is_plain(region.ex, region.first_x, region.width) and _is_plain(region.ey, region.first_y, region.height):
        xs, ys = coordinates(block, task.x, task.y)
    else:
        xs, ys = floats(block, task.x), floats(block, task.y)
        _prepare(xs, region.ex, region.first_x, region.width)
        _prepare(ys, region.ey, region.first_y, region.height)
    kernels.flatten(xs, ys, per_x, region.first_x, per_y, region.first_y, region.width, region.height, flat)
    return flat


def _is_plain(exponent: int, first: float, cells: int) -> bool:
    """Whether coordinates can be taken as they are."""
    return lift_of_level(exponent) == 1.0 and not _is_beyond(exponent, first, cells)


def _is_beyond(exponent: int, first: float, cells: int) -> bool:
    """Whether cells reach to where no row has a place: the outermost tiles do."""
    most = math.ldexp(MAX_COORDINATE, -exponent) if exponent > 0 else math.inf
    return first + cells > most or first < -most


def _prepare(numbers: np.ndarray, exponent: int, first: float, cells: int) -> None:
    """Changes coordinates in place: lifts them for the finest levels, and takes those without a place out."""
    if _is_beyond(exponent, first, cells):
        numbers[~((numbers >= -MAX_COORDINATE) & (numbers < MAX_COORDINATE))] = np.nan
    lift = lift_of_level(exponent)
    if lift != 1.0:
        with np.errstate(over="ignore"):
            numbers *= lift
