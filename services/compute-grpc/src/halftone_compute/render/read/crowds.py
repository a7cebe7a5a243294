"""Rows that all lie at one point: joined to a picture without being read, so that what it reads stays bounded."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from halftone_compute.backends.cpu.engine import cells_of
from halftone_compute.store.base import Block
from halftone_compute.store.pyramid.joined import joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from halftone_wire import Plane

    from halftone_compute.backends.base import Task
    from halftone_compute.store.index.leaves import Leaves


def with_crowds(
    planes: Sequence[Plane], task: Task, leaves: Leaves, crowds: Sequence[Plane], chosen: np.ndarray
) -> list[Plane]:
    """The planes of a task, joined with the rows of chosen leaves, which all are crowded.

    `crowds` are planes of the same roles and order, of shape (crowded leaves,), in the types that the result has. The
    task places rows by both axes of the pair.
    """
    at = {name: leaves.zones[name][0][chosen] for name in (leaves.x, leaves.y)}
    cells = cells_of(task, Block(0, at, {}))
    inside = cells < task.cells
    places = (np.cumsum(leaves.crowded) - 1)[chosen[inside]]
    cells, found = _one_a_cell(cells[inside], _at(crowds, places))
    flat = [
        replace(plane, cells=plane.cells.reshape(-1).astype(crowd.cells.dtype))
        for plane, crowd in zip(planes, crowds, strict=True)
    ]
    for plane, whole in zip(flat, joined(_at(flat, cells), found), strict=True):
        plane.cells[cells] = whole.cells
    return [replace(plane, cells=plane.cells.reshape(task.region.height, task.region.width)) for plane in flat]


def _one_a_cell(cells: np.ndarray, planes: list[Plane]) -> tuple[np.ndarray, list[Plane]]:
    """The same rows with each cell once: every second one of a cell is joined to the one before, until none is left."""
    order = np.argsort(cells, kind="stable")
    cells, planes = cells[order], _at(planes, order)
    while True:
        is_odd = (np.arange(len(cells)) - np.searchsorted(cells, cells)) % 2 == 1
        if not is_odd.any():
            return cells, planes
        odd = np.flatnonzero(is_odd)
        pairs = joined(_at(planes, odd - 1), _at(planes, odd))
        for plane, pair in zip(planes, pairs, strict=True):
            plane.cells[odd - 1] = pair.cells
        cells, planes = cells[~is_odd], _at(planes, np.flatnonzero(~is_odd))


def _at(planes: Sequence[Plane], places: np.ndarray) -> list[Plane]:
    return [replace(plane, cells=plane.cells[places]) for plane in planes]
