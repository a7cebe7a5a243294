"""Sign in, open the flights, zoom with the wheel: the numbers under the canvas are Datashader's."""

from pathlib import Path

import datashader as ds
import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from .oracle import Shown, expected, rows_inside, rows_near
from .product import Product
from .screen import colours, explore, pieces, settle, state, wheel

pytestmark = pytest.mark.e2e

AXES = "?x=date&y=delay"


def assert_plane(piece: Shown, name: str, wanted: np.ndarray, mask: np.ndarray | None = None) -> None:
    """Assert that plane `name` equals `wanted` in every cell of `mask`."""
    cells = np.ones(piece.shape, bool) if mask is None else mask
    np.testing.assert_array_equal(piece.planes[name][cells], wanted[cells], err_msg=f"{name} of {piece.extent}")


def assert_value_planes(rows: pd.DataFrame, piece: Shown, reduction: str) -> None:
    """Assert count, valid and the plane behind `reduction` (integers: sums are exact, too)."""
    count = expected(rows, piece, "date", "delay", ds.count())
    assert_plane(piece, "count", count)
    assert_plane(piece, "valid", expected(rows, piece, "date", "delay", ds.count("distance")))
    plane = {"mean": "sum"}.get(reduction, reduction)
    judge = {"sum": ds.sum, "min": ds.min, "max": ds.max}[plane]
    assert_plane(piece, plane, expected(rows, piece, "date", "delay", judge("distance")), count > 0)


def test_count_after_six_wheel_steps_is_datashaders(page: Page, product: Product, flights: pd.DataFrame) -> None:
    explore(page, product.url, AXES)
    assert state(page)["renderer"]["webgl2"] is True
    before = state(page)["viewport"]
    wheel(page, 6)
    after = settle(page)["viewport"]
    assert after["x1"] - after["x0"] < (before["x1"] - before["x0"]) / 2

    shown = pieces(page)
    assert shown
    near = rows_near(flights, shown, "date", "delay")
    for piece in shown:
        assert_plane(piece, "count", expected(near, piece, "date", "delay", ds.count()))
    assert sum(piece.planes["count"].sum() for piece in shown) == sum(
        len(rows_inside(flights, piece, "date", "delay")) for piece in shown
    )
    assert sum(piece.planes["count"].sum() for piece in shown) > 50_000


def test_pieces_cover_the_whole_viewport_once(page: Page, product: Product) -> None:
    explore(page, product.url, AXES)
    wheel(page, 3, at=(0.3, 0.7))
    view = settle(page)["viewport"]
    boxes = [piece.extent for piece in pieces(page)]
    covered = sum(
        max(0.0, min(x1, view["x1"]) - max(x0, view["x0"])) * max(0.0, min(y1, view["y1"]) - max(y0, view["y0"]))
        for x0, x1, y0, y1 in boxes
    )
    area = (view["x1"] - view["x0"]) * (view["y1"] - view["y0"])
    assert covered == pytest.approx(area, rel=1e-9)


@pytest.mark.parametrize("reduction", ["sum", "mean", "min", "max"])
def test_reductions_are_datashaders(page: Page, product: Product, flights: pd.DataFrame, reduction: str) -> None:
    explore(page, product.url, f"{AXES}&reduction={reduction}&value=distance")
    wheel(page, 6)
    settle(page)
    shown = pieces(page)
    near = rows_near(flights, shown, "date", "delay")
    for piece in shown:
        assert_value_planes(near, piece, reduction)


def test_spread_is_datashaders(page: Page, product: Product, flights: pd.DataFrame) -> None:
    explore(page, product.url, f"{AXES}&reduction=std&value=distance")
    wheel(page, 6)
    settle(page)
    shown = pieces(page)
    near = rows_near(flights, shown, "date", "delay")
    for piece in shown:
        valid = expected(near, piece, "date", "delay", ds.count("distance"))
        assert_plane(piece, "valid", valid)
        std = np.sqrt(np.divide(piece.planes["squares"], valid, out=np.full(piece.shape, np.nan), where=valid > 0))
        wanted = expected(near, piece, "date", "delay", ds.std("distance"))
        # Distances are whole miles, so the squares about a pivot do not round; Datashader's means do.
        np.testing.assert_allclose(std, wanted, rtol=1e-9, atol=1e-6)


def test_categories_are_datashaders(page: Page, product: Product, flights: pd.DataFrame) -> None:
    explore(page, product.url, f"{AXES}&category=origin")
    wheel(page, 6)
    settle(page)
    ranked = sorted(flights["origin"].value_counts().items(), key=lambda item: (-item[1], item[0]))
    top = [label for label, _ in ranked[:15]]
    grouped = flights["origin"].where(flights["origin"].isin(top), "other")
    rows = flights.assign(origin=pd.Categorical(grouped, [*top, "other"]))
    shown = pieces(page)
    near = rows_near(rows, shown, "date", "delay")
    for piece in shown:
        wanted = expected(near, piece, "date", "delay", ds.by("origin", ds.count()))
        for index in range(16):
            assert_plane(piece, f"category {index}", wanted[:, :, index])


def test_histogram_bars_are_counts(page: Page, product: Product, flights: pd.DataFrame) -> None:
    explore(page, product.url, "?kind=histogram&x=delay")
    wheel(page, 2)
    settle(page)
    for piece in pieces(page):
        x0, x1, _, _ = piece.extent
        wanted, _ = np.histogram(flights["delay"], bins=np.linspace(x0, x1, 257))
        edge = (flights["delay"] == x1).sum()
        wanted[-1] -= edge
        np.testing.assert_array_equal(piece.planes["count"][0], wanted)


def test_flights_fill_the_picture_they_open_with(page: Page, product: Product, flights: pd.DataFrame) -> None:
    explore(page, product.url)
    view = state(page)
    assert (view["options"]["x"], view["options"]["y"]) == ("date", "distance")
    x0, x1, y0, y1 = (view["viewport"][name] for name in ("x0", "x1", "y0", "y1"))
    inside = flights[flights["date"].between(x0, x1) & flights["distance"].between(y0, y1)]
    assert len(inside) > 0.97 * len(flights)
    across, up = (float(np.ptp(inside[name])) for name in ("date", "distance"))
    assert across * up >= 0.6 * (x1 - x0) * (y1 - y0)


def test_picture_equals_the_golden(page: Page, product: Product, golden: Path) -> None:
    # Where the first cells come before the rest, the colours glide to those of the whole.
    page.emulate_media(reduced_motion="reduce")
    explore(page, product.url, AXES)
    # It lies over the picture, and comes after it.
    expect(page.get_by_text("rows lie outside")).to_be_visible()
    shot = product.home / "picture.png"
    page.locator("canvas").first.screenshot(path=shot)
    stored = golden / "flights-count.png"
    if not stored.exists():
        pytest.fail(f"no golden picture: look at {shot} and store it as {stored}")
    seen, wanted = colours(shot), colours(stored)
    assert seen.shape == wanted.shape
    assert (np.abs(seen - wanted).max(axis=2) > 8).mean() < 0.002
