"""Grids to PNG."""

import io

import numpy as np
import pytest
from halftone_compute.serve.shade import COLORMAPS, NORMALISATIONS, check_style, png
from halftone_servicekit.errors import ErrorCode, HalftoneError
from PIL import Image


def pixels(file: bytes) -> np.ndarray:
    picture = Image.open(io.BytesIO(file))
    assert picture.format == "PNG"
    return np.asarray(picture)


@pytest.mark.parametrize("colormap", COLORMAPS)
@pytest.mark.parametrize("normalisation", NORMALISATIONS)
def test_greatest_y_is_on_top_and_empty_cells_are_clear(colormap: str, normalisation: str) -> None:
    grid = np.zeros((3, 4), np.uint32)
    grid[0, 0], grid[2, 3] = 1, 9
    found = pixels(png(grid, colormap, normalisation))
    assert found.shape == (3, 4, 4)
    assert found[..., 3].astype(bool).nonzero()[0].tolist() == [0, 2]
    assert found[2, 0, 3]
    assert found[0, 3, 3]
    assert found[2, 0, :3].tolist() != found[0, 3, :3].tolist()


@pytest.mark.parametrize("normalisation", NORMALISATIONS)
@pytest.mark.parametrize("cell", [0.0, np.nan, -3.5])
def test_a_grid_of_one_value_has_a_picture(normalisation: str, cell: float) -> None:
    found = pixels(png(np.full((2, 2), cell), "viridis", normalisation))
    assert bool(found[..., 3].any()) is not bool(np.isnan(cell))


def test_categories_have_colours_of_their_own() -> None:
    grid = np.zeros((1, 2, 16), np.uint32)
    grid[0, 0, 0], grid[0, 1, 15] = 5, 5
    found = pixels(png(grid, "viridis", "linear"))
    assert found[0, 0, :3].tolist() != found[0, 1, :3].tolist()


def test_places_have_the_colours_of_their_categories() -> None:
    places = np.array([[0.0, 1.0, np.nan], [1.0, 1.0, 15.0]])
    found = pixels(png(places, "viridis", "linear", holds_places=True))
    assert found.shape == (2, 3, 4)
    assert found[1, :, 3].tolist() == [255, 255, 0]
    assert found[1, 1].tolist() == found[0, 0].tolist() == found[0, 1].tolist()
    assert len({tuple(colour) for colour in found.reshape(-1, 4).tolist()}) == 4


def test_style_has_defaults_and_known_names() -> None:
    assert check_style("", "") == ("viridis", "eq_hist")
    for colormap, normalisation, code in (
        ("jet", "", ErrorCode.UNKNOWN_COLORMAP),
        ("", "cubic", ErrorCode.PARAM_INVALID),
    ):
        with pytest.raises(HalftoneError) as caught:
            check_style(colormap, normalisation)
        assert caught.value.code is code
