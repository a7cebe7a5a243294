"""A killed service costs a moment, never the picture."""

from pathlib import Path

import datashader as ds
import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page

from .oracle import expected
from .product import Product, wait_until
from .screen import colours, explore, pieces, plot, settle, state

pytestmark = pytest.mark.e2e


def assert_not_blank(page: Page, folder: Path) -> None:
    """Assert that the plot shows a picture of many colours."""
    shot = folder / "plot.png"
    plot(page).screenshot(path=shot)
    assert len(np.unique(colours(shot).reshape(-1, 3), axis=0)) > 30


def test_killed_web_server_comes_back(product: Product) -> None:
    killed = product.kill("web")
    wait_until(lambda: product.pid("web") not in (None, killed), "a new web server")
    wait_until(lambda: product.is_ready("web"), "the app")


@pytest.mark.parametrize("service", ["compute", "gateway"])
def test_killed_mid_drag(page: Page, product: Product, flights: pd.DataFrame, tmp_path: Path, service: str) -> None:
    explore(page, product.url, "?x=date&y=delay")
    box = plot(page).bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] - 40, middle[1], steps=4)
    killed = product.kill(service)
    for step in range(10):
        page.mouse.move(middle[0] - 40 - 12 * step, middle[1] + 4 * step)
        assert_not_blank(page, tmp_path)
    page.mouse.up()

    settle(page)
    assert_not_blank(page, tmp_path)
    assert state(page)["viewport"]["x0"] > flights["date"].min()
    for piece in pieces(page):
        wanted = expected(flights, piece, "date", "delay", ds.count())
        np.testing.assert_array_equal(piece.planes["count"], wanted)
    wait_until(lambda: product.pid(service) not in (None, killed), f"a new {service}")
    wait_until(lambda: product.is_ready(service), f"a ready {service}")
