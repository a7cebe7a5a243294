"""Logarithmic axes: the numbers under the canvas are those of NumPy, and ticks and words speak of values."""

import math

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from .oracle import Shown
from .product import Product
from .screen import explore, pieces, settle, state, wheel

pytestmark = pytest.mark.e2e

LOG = "?x=distance&y=delay&x_scale=log&y_scale=log"


def places(values: pd.Series) -> np.ndarray:
    """The logarithms of positive whole numbers, each as `math` gives it."""
    return values.map({value: math.log10(value) for value in values.unique()}).to_numpy()


def counted(piece: Shown, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Rows in the cells of a piece of the lattice, whose cells are powers of two."""
    height, width = piece.shape
    x0, x1, y0, y1 = piece.extent
    across, up = (x1 - x0) / width, (y1 - y0) / height
    column, row = np.floor(x / across) - x0 / across, np.floor(y / up) - y0 / up
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    flat = (row[inside] * width + column[inside]).astype(int)
    return np.bincount(flat, minlength=height * width).reshape(height, width)


def test_logarithmic_axes_hold_numpys_counts_and_say_what_they_leave_out(
    page: Page, product: Product, flights: pd.DataFrame
) -> None:
    explore(page, product.url, LOG)
    wheel(page, 2)
    view = settle(page)["viewport"]
    placed = flights[(flights["distance"] > 0) & (flights["delay"] > 0)]
    assert (
        math.log10(placed["distance"].min()) - 0.5
        < view["x0"]
        < view["x1"]
        < math.log10(placed["distance"].max()) + 0.5
    )
    x, y = places(placed["distance"]), places(placed["delay"])
    shown = pieces(page)
    for piece in shown:
        np.testing.assert_array_equal(piece.planes["count"], counted(piece, x, y))
    assert sum(piece.planes["count"].sum() for piece in shown) > 100_000
    left_out = int(((flights["distance"] <= 0) | (flights["delay"] <= 0)).sum())
    expect(
        page.get_by_text(f"{left_out:,} rows have no distance or delay above 0 and are not shown.").first
    ).to_be_visible()


def test_another_scale_opens_with_its_own_extent_and_comes_back(page: Page, product: Product) -> None:
    explore(page, product.url, "?x=distance&y=delay")
    before = state(page)["viewport"]
    page.get_by_label("X scale").select_option("log")
    settle(page)
    scaled = state(page)["viewport"]
    assert 0 < scaled["x0"] < scaled["x1"] < 4
    assert scaled["y1"] == pytest.approx(before["y1"])
    axis = page.locator("svg").filter(has_text="distance, log scale")
    expect(axis).to_contain_text("100")
    expect(axis).to_contain_text("1k")
    page.go_back()
    settle(page)
    assert state(page)["viewport"] == before
