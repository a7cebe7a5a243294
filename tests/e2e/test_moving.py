"""Where drawing takes long, the plot moves at half its resolution, and is sharp at rest."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from .product import Product, wait_until
from .screen import NEXT_FRAME, colours, explore, plot, settle, sign_in, wheel

pytestmark = pytest.mark.e2e

# So many pixels that no processor draws them between two frames of a screen.
LARGE: ViewportSize = {"width": 3840, "height": 2160}
# Keeps the sides of the canvas as long as a gesture lasts, and those of the plot.
WATCH = """() => {
  const canvas = document.querySelector('[data-part=canvas]');
  window.seen = [];
  window.side = () => [canvas.width, canvas.height];
  window.whole = [canvas.clientWidth, canvas.clientHeight];
  const look = () => {
    if (window.halftone.status().status === 'moving') window.seen.push(window.side());
    requestAnimationFrame(look);
  };
  look();
}"""


@pytest.fixture
def large(browser: Browser, product: Product) -> Iterator[Page]:
    """A signed-in page on a screen of very many pixels."""
    context = browser.new_context(viewport=LARGE, reduced_motion="reduce")
    page = context.new_page()
    sign_in(page, product.url)
    yield page
    context.close()


def shown(page: Page, file: Path) -> np.ndarray:
    """The pixels of the plot, once it is at rest."""
    settle(page)
    page.evaluate(NEXT_FRAME)
    page.locator("canvas").first.screenshot(path=file)
    return colours(file)


def test_the_plot_is_coarse_while_it_moves_and_sharp_at_rest(large: Page, product: Product, tmp_path: Path) -> None:
    explore(large, product.url, "?x=date&y=delay")
    large.evaluate(WATCH)
    whole = large.evaluate("window.whole")
    half = [-(-side // 2) for side in whole]
    wheel(large, 3)
    wait_until(lambda: half in large.evaluate("window.seen"), "a picture at half the resolution")
    moved = shown(large, tmp_path / "moved.png")
    assert large.evaluate("window.side()") == whole
    # Nothing of the gesture is left: a page that never moved shows the same pixels.
    explore(large, product.url, large.url[large.url.index("?") :])
    np.testing.assert_array_equal(moved, shown(large, tmp_path / "fresh.png"))


def test_the_plot_is_sharp_while_it_is_held_still(large: Page, product: Product) -> None:
    explore(large, product.url, "?x=date&y=delay")
    large.evaluate(WATCH)
    whole = large.evaluate("window.whole")
    half = [-(-side // 2) for side in whole]
    box = plot(large).bounding_box()
    assert box is not None
    large.mouse.move(box["x"] + 300, box["y"] + 300)
    large.mouse.down()
    large.mouse.move(box["x"] + 340, box["y"] + 320, steps=4)
    wait_until(lambda: half in large.evaluate("window.seen"), "a picture at half the resolution")
    wait_until(lambda: large.evaluate("window.side()") == whole, "a sharp picture")
    assert large.evaluate("window.halftone.status().status") == "moving"
    large.mouse.up()
    settle(large)
    assert large.evaluate("window.side()") == whole
