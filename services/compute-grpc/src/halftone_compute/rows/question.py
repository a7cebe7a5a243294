"""Which rows are asked for, checked against the columns of a version."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from halftone.v1 import compute_pb2, rows_pb2
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_views.columns import Table
from halftone_views.lattice.steps import MAX_STEPS
from halftone_views.lattice.transform import transforms
from halftone_views.requirements import PLACED, axis, require_column, require_width

if TYPE_CHECKING:
    from collections.abc import Iterable

    from halftone_compute.store.base import OpenRows

MOST_ROWS = 10_000
MOST_RANGES = 16
MOST_REACH = 64.0
# Far beyond what a version holds, and exact in every client.
_MOST_OFFSET = 2**53
# How far down the order of a text rows are found: texts are compared, and those before a row are kept meanwhile.
MOST_SORTED_TEXTS = 20_000
_FORMATS = (rows_pb2.ROWS_FORMAT_ARROW, rows_pb2.ROWS_FORMAT_CELLS)


@dataclass(frozen=True, slots=True)
class RowsQuestion:
    """A checked RowsRequest: `columns` are named, each once."""

    version: OpenRows
    ranges: tuple[compute_pb2.RowRange, ...]
    nearest: compute_pb2.NearestRows | None
    columns: tuple[str, ...]
    sort: rows_pb2.RowSort | None
    offset: int
    limit: int
    format: rows_pb2.RowsFormat.ValueType

    @property
    def is_whole(self) -> bool:
        """Whether every row matches."""
        return not self.ranges and self.nearest is None


def rows_question(request: compute_pb2.RowsRequest, version: OpenRows) -> RowsQuestion:
    """Raises the HalftoneError of what is wrong, with its field."""
    if request.format not in _FORMATS:
        raise HalftoneError(ErrorCode.PARAM_INVALID, field="format")
    if not 1 <= request.limit <= MOST_ROWS:
        raise HalftoneError(ErrorCode.PARAM_OUT_OF_RANGE, f"A page has 1 to {MOST_ROWS:,} rows.", "limit")
    if request.offset > _MOST_OFFSET:
        raise HalftoneError(ErrorCode.PARAM_OUT_OF_RANGE, field="offset")
    if len(request.ranges) > MOST_RANGES:
        raise HalftoneError(ErrorCode.PARAM_OUT_OF_RANGE, f"At most {MOST_RANGES} ranges.", "ranges")
    table = Table(version.version_id, version.rows, version.columns)
    for place, given in enumerate(request.ranges):
        _check_range(given, table, f"ranges[{place}]")
    nearest = request.nearest if request.HasField("nearest") else None
    if nearest is not None:
        _check_nearest(nearest, table)
    sort = request.sort if request.HasField("sort") else None
    if sort is not None:
        _check_sort(sort, table, is_nearest=nearest is not None)
        if table.columns[sort.column].type == "text" and request.offset + request.limit > MOST_SORTED_TEXTS:
            detail = f"The order of a text column is known up to row {MOST_SORTED_TEXTS:,}."
            raise HalftoneError(ErrorCode.PARAM_OUT_OF_RANGE, detail, "offset")
    return RowsQuestion(
        version=version,
        ranges=tuple(request.ranges),
        nearest=nearest,
        columns=_columns(request.columns, table),
        sort=sort,
        offset=request.offset,
        limit=request.limit,
        format=request.format,
    )


def _check_range(given: compute_pb2.RowRange, table: Table, field: str) -> None:
    _check_axis(given.axis, table, f"{field}.axis")
    has_bound = given.HasField("low") or given.HasField("high")
    if given.steps or given.others:
        if has_bound or not transforms()[given.axis.transform].has_steps:
            raise HalftoneError(ErrorCode.PARAM_INVALID, "Steps are of an axis of steps, without bounds.", field)
        if len(given.steps) > MAX_STEPS:
            raise HalftoneError(ErrorCode.PARAM_OUT_OF_RANGE, f"At most {MAX_STEPS:,} steps.", f"{field}.steps")
    bounds = [getattr(given, side) for side in ("low", "high") if given.HasField(side)]
    if any(math.isnan(bound) for bound in bounds) or (len(bounds) > 1 and not bounds[0] < bounds[1]):
        raise HalftoneError(ErrorCode.PARAM_INVALID, "The lower bound lies below the upper one.", field)


def _check_nearest(nearest: compute_pb2.NearestRows, table: Table) -> None:
    for name in ("x_axis", "y_axis"):
        _check_axis(getattr(nearest, name), table, f"nearest.{name}")
    for name in ("x", "y"):
        if not math.isfinite(getattr(nearest, name)):
            raise HalftoneError(ErrorCode.PARAM_INVALID, "Numbers must be finite.", f"nearest.{name}")
    for name in ("x_pixel", "y_pixel"):
        if not 0 < getattr(nearest, name) < math.inf:
            raise HalftoneError(ErrorCode.PARAM_OUT_OF_RANGE, field=f"nearest.{name}")
    if not 0 < nearest.reach <= MOST_REACH:
        detail = f"At most {MOST_REACH:.0f} pixels."
        raise HalftoneError(ErrorCode.PARAM_OUT_OF_RANGE, detail, "nearest.reach")


def _check_axis(given: compute_pb2.Axis, table: Table, field: str) -> None:
    transform = transforms().get(given.transform)
    if transform is None:
        raise HalftoneError(ErrorCode.PARAM_INVALID, field=f"{field}.transform")
    axis(table, given.column, f"{field}.column", transform, f"{field}.transform", PLACED)
    require_width(table.columns[given.column], transform, given.width, f"{field}.width")


def _check_sort(sort: rows_pb2.RowSort, table: Table, *, is_nearest: bool) -> None:
    if is_nearest:
        raise HalftoneError(ErrorCode.PARAM_INVALID, "The nearest rows have an order of their own.", "sort")
    require_column(table, sort.column, (*PLACED, "text"), "sort.column")


def _columns(names: Iterable[str], table: Table) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(names)) or tuple(table.columns)
    if not table.columns.keys() >= set(chosen):
        raise HalftoneError(ErrorCode.UNKNOWN_COLUMN, field="columns")
    return chosen
