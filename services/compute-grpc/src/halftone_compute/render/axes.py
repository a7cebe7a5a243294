"""Axes that are no stored columns: where the rows of a block lie on them, made from the column of the axis.

An axis with a transform is a column of float64 of its own beside those of the block, so that engines know nothing of
transforms: a cell of it is a cell in units of the axis.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from halftone.v1 import compute_pb2
from halftone_views.glyph import glyph_of
from halftone_views.lattice.transform import transform_of

from halftone_compute.store.index.leaves import Box
from halftone_compute.store.places import places

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from halftone_views.codes import TransformCode
    from halftone_views.columns import ColumnInfo, TimeUnit

    from halftone_compute.store.base import Block

# How far a box reaches beyond the places that it must hold, as a share: more than the rounding of a transform.
_SLACK = 2.0**-40


class PlacedAxis(NamedTuple):
    """An axis that is no stored column: the column that it is made of, and the unit of its times."""

    column: str
    transform: TransformCode
    unit: TimeUnit
    width: float = 0.0


def is_stored(axis: compute_pb2.Axis) -> bool:
    """Whether rows lie at the values of a stored column."""
    return axis.transform == compute_pb2.TRANSFORM_LINEAR and not axis.width


def name_of(axis: compute_pb2.Axis) -> str:
    """What the axis is called among the columns of a block: its column, or a name that no column has."""
    if is_stored(axis):
        return axis.column
    # Names of columns hold no control characters.
    bins = f" by {axis.width!r}" if axis.width else ""
    return f"\0{transform_of(axis.transform).name}{bins} of {axis.column}"


def placed(axes: Iterable[compute_pb2.Axis], columns: Mapping[str, ColumnInfo]) -> dict[str, PlacedAxis]:
    """Those axes that are no stored columns, by name; `columns` has those that they are made of."""
    return {
        name_of(axis): PlacedAxis(axis.column, axis.transform, columns[axis.column].time_unit, axis.width)
        for axis in axes
        if not is_stored(axis)
    }


def transformed(plan: compute_pb2.Plan, columns: Mapping[str, ColumnInfo]) -> dict[str, PlacedAxis]:
    """The axes of a plan that are no stored columns, by name; `columns` has those that they are made of."""
    return placed((plan.x,) if glyph_of(plan.glyph).is_flat else (plan.x, plan.y), columns)


def stored(columns: Iterable[str], axes: Mapping[str, PlacedAxis]) -> tuple[str, ...]:
    """The stored columns that `columns` are made of, each once."""
    return tuple(dict.fromkeys(axes[name].column if name in axes else name for name in columns))


def added(block: Block, axes: Mapping[str, PlacedAxis]) -> Block:
    """The block with the places of its rows on each axis, float64 of shape (rows,)."""
    if not axes:
        return block
    made = {
        name: places(axis.transform, block.values[axis.column], block.valid.get(axis.column), axis.unit, axis.width)
        for name, axis in axes.items()
    }
    return replace(block, values={**block.values, **made})


def stored_box(box: Box, axes: Mapping[str, PlacedAxis]) -> Box:
    """A box of stored columns that holds every row of a box of axes, and a few more."""
    x, x0, x1 = _stored_side(box.x, box.x0, box.x1, axes)
    if box.y is None:
        return Box(x, x0, x1)
    return Box(x, x0, x1, *_stored_side(box.y, box.y0, box.y1, axes))


def _stored_side(name: str, low: float, high: float, axes: Mapping[str, PlacedAxis]) -> tuple[str, float, float]:
    if name not in axes:
        return name, low, high
    axis = axes[name]
    transform = transform_of(axis.transform)
    if transform.has_steps:
        # Its rows lie anywhere.
        return axis.column, -math.inf, math.inf
    if axis.width:
        # A row lies in the middle of its bin: its value does so within half a width.
        low, high = (low - 1.0) * axis.width, (high + 1.0) * axis.width
    first, last = transform.inverse(low - _slack(low)), transform.inverse(high + _slack(high))
    return axis.column, _below(first), -_below(-last)


def _below(value: float) -> float:
    # Subnormal numbers have no room for a share of themselves.
    return math.nextafter(value - abs(value) * _SLACK, -math.inf)


def _slack(place: float) -> float:
    return (1.0 + abs(place)) * _SLACK
