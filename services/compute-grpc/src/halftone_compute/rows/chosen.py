"""Which rows of a block match a question, and which rows of a version have to be read to find them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from halftone_views.lattice.steps import step_count
from halftone_views.lattice.transform import transform_of

from halftone_compute.render.axes import is_stored, name_of, stored_box
from halftone_compute.render.axes import placed as placed_axes
from halftone_compute.store.index.leaves import Box
from halftone_compute.store.places import places

if TYPE_CHECKING:
    from collections.abc import Callable

    from halftone.v1 import compute_pb2

    from halftone_compute.rows.question import RowsQuestion
    from halftone_compute.store.base import Block, OpenRows, Runs


@dataclass(frozen=True, slots=True)
class Span:
    """One range: places of `axis` from `low` to `high`, the upper end left out unless it is `closed`; of an axis of
    steps those where `steps` is True, in place of bounds.
    """

    axis: compute_pb2.Axis
    low: float
    high: float
    closed: bool = False
    steps: np.ndarray | None = None

    def mask(self, block: Block, version: OpenRows) -> np.ndarray:
        """bool of shape (rows,)."""
        at = placed(self.axis, block, version)
        if self.steps is not None:
            found: np.ndarray = ~np.isnan(at)
            found[found] = self.steps[at[found].astype(np.int64)]
            return found
        inside: np.ndarray = (at >= self.low) & (at <= self.high if self.closed else at < self.high)
        return inside


class Chosen:
    """The rows that match a question."""

    def __init__(self, question: RowsQuestion) -> None:
        self._version = question.version
        self._nearest = question.nearest
        self.spans = [_span(given, question.version) for given in question.ranges]
        if (nearest := question.nearest) is not None:
            self.spans += [
                _around(nearest.x_axis, nearest.x, nearest.reach * nearest.x_pixel),
                _around(nearest.y_axis, nearest.y, nearest.reach * nearest.y_pixel),
            ]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that `mask` reads."""
        return tuple(dict.fromkeys(span.axis.column for span in self.spans))

    def mask(self, block: Block) -> np.ndarray | None:
        """bool of shape (rows,): the rows of a block that match; None: all."""
        if not self.spans:
            return None
        found = self.spans[0].mask(block, self._version)
        for span in self.spans[1:]:
            found &= span.mask(block, self._version)
        if self._nearest is not None:
            found &= distances(self._nearest, block, self._version) <= self._nearest.reach
        return found

    def runs(self, check: Callable[[], None]) -> Runs | None:
        """The rows that may match, by the leaves of an index; None: all have to be read. Raises as the store does."""
        index = self._version.index
        bounded = [span for span in self.spans if span.steps is None]
        if index is None or not bounded:
            return None
        leaves = index.leaves(check)
        found = np.arange(leaves.count)
        # Two at a time, as leaves know which rows have a place on both axes of their pair.
        for first in range(0, len(bounded), 2):
            axes = placed_axes((span.axis for span in bounded), self._version.columns)
            box = stored_box(_box(bounded[first : first + 2]), axes)
            found = np.intersect1d(found, leaves.meeting([box]), assume_unique=True)
        return leaves.runs(found)


def placed(axis: compute_pb2.Axis, block: Block, version: OpenRows) -> np.ndarray:
    """float64 of shape (rows,): where the rows of a block lie on an axis, NaN where they have no place."""
    column, transform = axis.column, transform_of(axis.transform)
    values, valid = block.values[column], block.valid.get(column)
    if not is_stored(axis):
        return places(axis.transform, values, valid, version.columns[column].time_unit, axis.width)
    at = values.astype(np.float64)
    at[(at < transform.low) | (at > transform.high)] = np.nan
    if valid is not None:
        at[~valid] = np.nan
    return at


def distances(nearest: compute_pb2.NearestRows, block: Block, version: OpenRows) -> np.ndarray:
    """float64 of shape (rows,): how far each row of a block is from the point, in pixels; NaN without a place."""
    # What is too far for a float64 is infinitely far.
    with np.errstate(over="ignore"):
        x = (placed(nearest.x_axis, block, version) - nearest.x) / nearest.x_pixel
        y = (placed(nearest.y_axis, block, version) - nearest.y) / nearest.y_pixel
        return np.hypot(x, y)


def _span(given: compute_pb2.RowRange, version: OpenRows) -> Span:
    if given.steps or given.others:
        transform = transform_of(given.axis.transform)
        chosen = np.zeros(step_count(version.columns[given.axis.column], transform), np.bool_)
        chosen[[step for step in given.steps if step < len(chosen)]] = True
        return Span(given.axis, -math.inf, math.inf, steps=~chosen if given.others else chosen)
    low = given.low if given.HasField("low") else -math.inf
    high = given.high if given.HasField("high") else math.inf
    return Span(given.axis, low, high)


def _around(axis: compute_pb2.Axis, place: float, reach: float) -> Span:
    return Span(axis, place - reach, place + reach, closed=True)


def _box(spans: list[Span]) -> Box:
    first, *others = spans
    if not others:
        return Box(name_of(first.axis), first.low, first.high)
    (second,) = others
    return Box(name_of(first.axis), first.low, first.high, name_of(second.axis), second.low, second.high)
