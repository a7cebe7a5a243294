"""A small picture of the rows of a preview: how many fall into each of 160 by 100 cells of the default view."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from halftone_views.default_view import DefaultView

    from halftone_compute.store.manifest import ColumnEntry

WIDTH, HEIGHT = 160, 100
# Of float64: two bounds may lie so close, or so far apart, that their distance is none.
_WIDE = np.longdouble


def picture(view: DefaultView, columns: Mapping[str, ColumnEntry], folder: Path) -> dict[str, object]:
    """Axes and counts, row by row from below; a histogram has one row. `columns` by name, their files in `folder`."""
    bins = [_bins(_values(columns[view.x], folder), view.x_min, view.x_max, WIDTH)]
    height = 1
    if view.y is not None:
        height = HEIGHT
        bins.append(_bins(_values(columns[view.y], folder), view.y_min, view.y_max, HEIGHT))
    is_inside = np.logical_and.reduce([axis >= 0 for axis in bins])
    places = bins[0][is_inside]
    if len(bins) > 1:
        places = places + WIDTH * bins[1][is_inside]
    counts = np.bincount(places, minlength=WIDTH * height)
    axes = asdict(view)
    del axes["kind"], axes["equal_aspect"]
    return {**axes, "width": WIDTH, "height": height, "counts": counts.tolist()}


def _values(entry: ColumnEntry, folder: Path) -> np.ndarray:
    """The values of a column as float64, NaN where a row has none."""
    values = np.fromfile(folder / entry.files["values"].file, np.dtype(entry.layout)).astype(np.float64)
    if "valid" in entry.files:
        values[~np.fromfile(folder / entry.files["valid"].file, np.bool_)] = np.nan
    return values


def _bins(values: np.ndarray, low: float, high: float, count: int) -> np.ndarray:
    """The cell of each value in [low, high), which is divided into `count`; -1 outside."""
    is_inside = (values >= low) & (values < high)
    share = (values[is_inside].astype(_WIDE) - _WIDE(low)) / (_WIDE(high) - _WIDE(low))
    found = np.full(len(values), -1, np.int64)
    found[is_inside] = np.minimum(share * count, count - 1).astype(np.int64)
    return found
