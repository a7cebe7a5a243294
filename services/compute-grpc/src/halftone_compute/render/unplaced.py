"""Rows without a place in a picture: from statistics where these tell, else counted once for a version's columns."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from halftone.v1 import frame_pb2
from halftone_views.lattice.transform import transform_of
from halftone_views.receipts import stored_missing, unplaced_of
from halftone_views.receipts.unplaced import axes_of
from halftone_views.transforms.linear import LINEAR

from halftone_compute.render.read.rows import kept

if TYPE_CHECKING:
    from collections.abc import Mapping

    from halftone_views.columns import ColumnInfo
    from halftone_views.lattice.transform import Transform
    from halftone_views.receipts.unplaced import PlacedBy

    from halftone_compute.backends.base import Cancel
    from halftone_compute.render.job import RenderJob
    from halftone_compute.store.base import Block

_CAPACITY = 10_000
# Ranks of what keeps a row from its place: of two, the greater counts.
_PLACED, _NOT_ON_SCALE, _OUT_OF_RANGE, _INFINITE, _MISSING = range(5)
_RANKS = {"missing": _MISSING, "out_of_range": _OUT_OF_RANGE}
_Key: TypeAlias = "tuple[str, tuple[PlacedBy, ...], str]"


class UnplacedRows:
    """Counts are kept for each version and its columns: they are the same for every viewport. For several threads."""

    def __init__(self) -> None:
        self._known: OrderedDict[_Key, frame_pb2.Unplaced] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, job: RenderJob, cancel: Cancel) -> frame_pb2.Unplaced:
        """Raises HalftoneError `cancelled`, or what the store raises."""
        if job.row_filter is not None:
            return counted(job, cancel)
        known = unplaced_of(job.plan, job.version.columns)
        if known is not None:
            return known
        key = (job.version.version_id, axes_of(job.plan), job.plan.value)
        with self._lock:
            known = self._known.get(key)
        if known is None:
            known = counted(job, cancel)
            with self._lock:
                self._known[key] = known
                if len(self._known) > _CAPACITY:
                    self._known.popitem(last=False)
        return known


def counted(job: RenderJob, cancel: Cancel) -> frame_pb2.Unplaced:
    """Reads every row of the axes and the value column once. Raises as `UnplacedRows.of` does."""
    axes, value = axes_of(job.plan), job.plan.value
    placing = list(dict.fromkeys(axis.column for axis in axes))
    reduced = value if value not in placing else ""
    names = [*placing, reduced] if reduced else placing
    if job.row_filter is not None:
        names = list(dict.fromkeys((*names, *job.row_filter.columns)))
    totals, of_value = np.zeros(5, np.int64), np.zeros(5, np.int64)
    for block in job.version.blocks(names, None, cancel.check):
        cancel.check()
        rows = block if job.row_filter is None else kept(block, job.row_filter)
        ranks = _ranks(rows, axes, job.version.columns)
        totals += np.bincount(ranks, minlength=5)
        if reduced:
            found = _rank(rows, job.version.columns[reduced])
            of_value += np.bincount(found[ranks == _PLACED], minlength=5)
    return frame_pb2.Unplaced(
        missing=int(totals[_MISSING]),
        infinite=int(totals[_INFINITE]),
        out_of_range=int(totals[_OUT_OF_RANGE]),
        not_on_scale=int(totals[_NOT_ON_SCALE]),
        # A value needs no cell: one beyond the lattice is reduced like any other.
        value_missing=int(of_value[_MISSING]),
        value_infinite=int(of_value[_INFINITE]),
    )


def _ranks(block: Block, axes: tuple[PlacedBy, ...], columns: Mapping[str, ColumnInfo]) -> np.ndarray:
    found = [_rank(block, columns[axis.column], transform_of(axis.transform)) for axis in axes]
    return found[0] if len(found) == 1 else np.maximum(*found)


def _rank(block: Block, column: ColumnInfo, transform: Transform = LINEAR) -> np.ndarray:
    """uint8 of shape (rows,): what keeps each row from its place on one column."""
    values = block.values[column.name]
    ranks = np.zeros(len(values), np.uint8)
    placed = (values >= np.float64(transform.low)) & (values <= np.float64(transform.high))
    if not placed.all():
        # A linear scale ends where the lattice does.
        ranks[~placed] = _OUT_OF_RANGE if transform is LINEAR else _NOT_ON_SCALE
        if values.dtype.kind == "f":
            ranks[np.isinf(values)] = _INFINITE
            ranks[np.isnan(values)] = _RANKS[stored_missing(column)]
    if column.name in block.valid:
        ranks[~block.valid[column.name]] = _RANKS[stored_missing(column)]
    return ranks
