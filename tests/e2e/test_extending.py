"""Extensions of one file each, beside the product: plans, engines, the socket and the browser know what to do."""

import re

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page, expect

from .oracle import Shown, rows_inside
from .product import Product
from .screen import explore, pieces, plot, settle, state, wheel

pytestmark = pytest.mark.e2e

Extremes = dict[tuple[int, int], tuple[float, float, int]]


def extremes(rows: pd.DataFrame, piece: Shown, value: str) -> Extremes:
    """(row, column) → least and greatest value and number of rows, for every cell of a piece that holds one."""
    inside = rows_inside(rows, piece, "date", "delay")
    x0, x1, y0, y1 = piece.extent
    height, width = piece.shape
    cells = pd.DataFrame(
        {
            "row": np.floor((inside["delay"] - y0) / (y1 - y0) * height).astype(int),
            "column": np.floor((inside["date"] - x0) / (x1 - x0) * width).astype(int),
            "value": inside[value],
        }
    )
    found = cells.groupby(["row", "column"])["value"].agg(["min", "max", "size"])
    places = ((int(row), int(column)) for row, column in found.index)
    figures = ((float(least), float(greatest), int(size)) for least, greatest, size in found.to_numpy())
    return dict(zip(places, figures, strict=True))


def plane(piece: Shown, name: str, cells: Extremes) -> NDArray[np.float64]:
    return np.array([piece.planes[name][place] for place in cells])


def test_a_reduction_is_numpys_on_the_page_and_in_the_read_out(
    page: Page, product: Product, flights: pd.DataFrame
) -> None:
    explore(page, product.url, "?x=date&y=delay&reduction=range&value=distance")
    wheel(page, 6)
    view = settle(page)["viewport"]
    for piece in pieces(page):
        cells = extremes(flights, piece, "distance")
        assert (piece.planes["count"] > 0).sum() == len(cells)
        np.testing.assert_array_equal(plane(piece, "min", cells), [least for least, _, _ in cells.values()])
        np.testing.assert_array_equal(plane(piece, "max", cells), [greatest for _, greatest, _ in cells.values()])

    box = plot(page).bounding_box()
    assert box is not None
    (u, v), (least, greatest, count) = fullest(pieces(page), flights, view, (round(box["width"]), round(box["height"])))
    page.mouse.move(box["x"] + u, box["y"] + box["height"] - v)
    said = rf"^Range of distance {greatest - least:,.0f} · {count:,} rows$"
    expect(page.get_by_text(re.compile(said))).to_be_visible()


def fullest(
    shown: list[Shown], rows: pd.DataFrame, view: dict[str, float], size: tuple[int, int]
) -> tuple[tuple[int, int], tuple[float, float, int]]:
    """A pixel of the plot (from its lower left corner) in the middle of the cell of most rows, and its extremes."""
    found = [(piece, place, one) for piece in shown for place, one in extremes(rows, piece, "distance").items()]
    for piece, (row, column), one in sorted(found, key=lambda each: -each[2][2]):
        (x0, x1, y0, y1), (height, width) = piece.extent, piece.shape
        dx, dy = (view["x1"] - view["x0"]) / size[0], (view["y1"] - view["y0"]) / size[1]
        u = round((x0 + (column + 0.5) * (x1 - x0) / width - view["x0"]) / dx)
        v = round((y0 + (row + 0.5) * (y1 - y0) / height - view["y0"]) / dy)
        off_x = (view["x0"] + u * dx - x0) / (x1 - x0) * width - column - 0.5
        off_y = (view["y0"] + v * dy - y0) / (y1 - y0) * height - row - 0.5
        # A pixel that lies well inside of the cell, and of the plot.
        if 9 < u < size[0] - 9 and 9 < v < size[1] - 9 and max(abs(off_x), abs(off_y)) < 0.4:
            return (u, v), one
    raise AssertionError("no cell of the plot can be pointed at")


def test_a_kind_draws_whatever_its_options_are_called(page: Page, product: Product, flights: pd.DataFrame) -> None:
    explore(page, product.url, "?kind=terrain&across=date&up=delay&height=distance")
    wheel(page, 6)
    assert settle(page)["options"]["height"] == "distance"
    for piece in pieces(page):
        cells = extremes(flights, piece, "distance")
        np.testing.assert_array_equal(plane(piece, "max", cells), [greatest for _, greatest, _ in cells.values()])
    page.get_by_label("Height").select_option("delay")
    expect(page.get_by_text("Maximum of delay").first).to_be_visible()
    assert state(page)["kind"] == "terrain"
