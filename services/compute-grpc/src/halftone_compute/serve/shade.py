"""Finished grids to PNG, by Datashader's shading: transparent where there is nothing."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, cast

import datashader.transfer_functions as tf
import numpy as np
import xarray as xr
from datashader.colors import Sets1to3, inferno, viridis
from halftone_servicekit.errors import ErrorCode, HalftoneError

if TYPE_CHECKING:
    from collections.abc import Sequence

# Two of the web app's maps; the others it has (cividis, magma, plasma, turbo) are in no table that ships with
# Datashader or colorcet.
COLORMAPS = ("viridis", "inferno", "fire", "bmy", "gray")
NORMALISATIONS = ("eq_hist", "linear", "log")
BARS_HEIGHT = 256


def check_style(colormap: str, normalisation: str) -> tuple[str, str]:
    """Both names with their defaults filled in. Raises `unknown_colormap` or `param_invalid`."""
    colormap, normalisation = colormap or "viridis", normalisation or "eq_hist"
    if colormap not in COLORMAPS:
        raise HalftoneError(ErrorCode.UNKNOWN_COLORMAP, f"Known maps: {', '.join(COLORMAPS)}.", "colormap")
    if normalisation not in NORMALISATIONS:
        raise HalftoneError(ErrorCode.PARAM_INVALID, f"One of {', '.join(NORMALISATIONS)}.", "normalisation")
    return colormap, normalisation


def png(grid: np.ndarray, colormap: str, normalisation: str, *, is_bars: bool = False) -> bytes:
    """A PNG of a grid of `reduce.finish`, greatest y on top: (height, width), or by category with a colour for each.

    `is_bars` draws the one row of a histogram as bars, 256 pixels high.
    """
    cmap = _colours(colormap)
    if is_bars:
        grid = _bars(grid)
    dims = ["y", "x", "category"][: grid.ndim]
    coords = {name: np.arange(size) for name, size in zip(dims, grid.shape, strict=True)}
    array = xr.DataArray(grid, dims=dims, coords=coords)
    image = tf.shade(array, cmap=cmap, color_key=Sets1to3[: grid.shape[-1]], how=normalisation)
    buffer = io.BytesIO()
    image.to_pil().save(buffer, "PNG")
    return buffer.getvalue()


def _colours(name: str) -> Sequence[str]:
    shipped: dict[str, Sequence[str]] = {"viridis": viridis, "inferno": inferno}
    if name in shipped:
        return shipped[name]
    # Half a second of importing, which only these maps need.
    import colorcet

    return cast("Sequence[str]", colorcet.palette[name])


def _bars(row: np.ndarray) -> np.ndarray:
    """Bars of equal colour, as high as their count against the greatest; a count is never less than one pixel."""
    counts = row.reshape(-1).astype(np.float64)
    heights = np.ceil(counts * (BARS_HEIGHT / max(counts.max(), 1.0)))
    filled: np.ndarray = np.arange(BARS_HEIGHT)[:, np.newaxis] < heights
    return filled.astype(np.uint32)
