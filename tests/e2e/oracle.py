"""Datashader as the judge: the same rows, the same extent, cell by cell."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import datashader as ds
import numpy as np
import pandas as pd
from numpy.typing import NDArray


@dataclass(frozen=True)
class Shown:
    """One piece on the screen: extent (x0, x1, y0, y1) and planes of shape (height, width), lowest y first."""

    extent: tuple[float, float, float, float]
    planes: dict[str, NDArray[np.float64]]

    @property
    def shape(self) -> tuple[int, int]:
        """Cells (height, width)."""
        height, width = next(iter(self.planes.values())).shape
        return height, width


def canvas_of(piece: Shown) -> ds.Canvas:
    """Return the Datashader canvas whose pixels are the cells of `piece`."""
    x0, x1, y0, y1 = piece.extent
    height, width = piece.shape
    return ds.Canvas(plot_width=width, plot_height=height, x_range=(x0, x1), y_range=(y0, y1))


def rows_of_box(rows: pd.DataFrame, extent: tuple[float, float, float, float], x: str, y: str) -> pd.DataFrame:
    """Return the rows of a half-open box (x0, x1, y0, y1)."""
    x0, x1, y0, y1 = extent
    return rows[(rows[x] >= x0) & (rows[x] < x1) & (rows[y] >= y0) & (rows[y] < y1)]


def rows_inside(rows: pd.DataFrame, piece: Shown, x: str, y: str) -> pd.DataFrame:
    """Return the rows of the box of `piece`."""
    return rows_of_box(rows, piece.extent, x, y)


def rows_near(rows: pd.DataFrame, shown: Sequence[Shown], x: str, y: str) -> pd.DataFrame:
    """Return the rows of the box around all pieces: few enough to cut each piece from."""
    left, right, low, high = zip(*(piece.extent for piece in shown), strict=True)
    return rows_of_box(rows, (min(left), max(right), min(low), max(high)), x, y)


def expected(rows: pd.DataFrame, piece: Shown, x: str, y: str, reduction: ds.reductions.Reduction) -> NDArray[Any]:
    """Return what Datashader makes of `rows` on the cells of `piece`: (height, width), by category a third axis."""
    inside = rows_inside(rows, piece, x, y)
    return np.asarray(canvas_of(piece).points(inside, x, y, reduction).data)
