"""Finished grids to PNG, by Datashader's shading: transparent where there is nothing."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, cast

import datashader.transfer_functions as tf
import numpy as np
import xarray as xr
from datashader.colors import Sets1to3, inferno, rgb, viridis
from halftone_servicekit.errors import ErrorCode, HalftoneError
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Sequence

# Two of the web app's maps; the others it has (cividis, magma, plasma, turbo) are in no table that ships with
# Datashader or colorcet.
COLORMAPS = ("viridis", "inferno", "fire", "bmy", "gray")
# Where on a map the colour of a single line lies.
_LINE_SHADE = 0.62
NORMALISATIONS = ("eq_hist", "linear", "log")


def check_style(colormap: str, normalisation: str) -> tuple[str, str]:
    """Both names with their defaults filled in. Raises `unknown_colormap` or `param_invalid`."""
    colormap, normalisation = colormap or "viridis", normalisation or "eq_hist"
    if colormap not in COLORMAPS:
        raise HalftoneError(ErrorCode.UNKNOWN_COLORMAP, f"Known maps: {', '.join(COLORMAPS)}.", "colormap")
    if normalisation not in NORMALISATIONS:
        raise HalftoneError(ErrorCode.PARAM_INVALID, f"One of {', '.join(NORMALISATIONS)}.", "normalisation")
    return colormap, normalisation


def png(grid: np.ndarray, colormap: str, normalisation: str, *, holds_places: bool = False) -> bytes:
    """A PNG of a grid of `finish`, greatest y on top: (height, width), or by category with a colour for each.

    `holds_places`: the numbers are places of categories, each with its colour.
    """
    if holds_places:
        return coloured(grid)
    dims = ["y", "x", "category"][: grid.ndim]
    coords = {name: np.arange(size) for name, size in zip(dims, grid.shape, strict=True)}
    array = xr.DataArray(grid, dims=dims, coords=coords)
    image = tf.shade(array, cmap=_colours(colormap), color_key=Sets1to3[: grid.shape[-1]], how=normalisation)
    return _saved(image.to_pil())


def coloured(places: np.ndarray) -> bytes:
    """A PNG of places of categories, shape (height, width), each in the colour of its category; NaN: transparent."""
    pixels = np.zeros((*places.shape, 4), np.uint8)
    has = ~np.isnan(places)
    pixels[has] = _palette()[places[has].astype(int) % len(Sets1to3)]
    return _saved(Image.fromarray(pixels[::-1], "RGBA"))


def line_colours(colormap: str, categories: int) -> np.ndarray:
    """uint8 of shape (lines, 3): the colour of each category, or without any one of a map."""
    if categories:
        return _palette()[np.arange(categories) % len(Sets1to3), :3]
    colours = _colours(colormap)
    return np.array([rgb(colours[round(_LINE_SHADE * (len(colours) - 1))])], np.uint8)


def saved(pixels: np.ndarray) -> bytes:
    """A PNG of uint8 of shape (height, width, 4), the top row first."""
    return _saved(Image.fromarray(pixels, "RGBA"))


def _palette() -> np.ndarray:
    return np.array([[*bytes.fromhex(colour.removeprefix("#")), 255] for colour in Sets1to3], np.uint8)


def _saved(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def _colours(name: str) -> Sequence[str]:
    shipped: dict[str, Sequence[str]] = {"viridis": viridis, "inferno": inferno}
    if name in shipped:
        return shipped[name]
    # Half a second of importing, which only these maps need.
    import colorcet

    return cast("Sequence[str]", colorcet.palette[name])
