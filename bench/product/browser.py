"""In Chromium: from a turn of the wheel to new pixels, ours and those of Panel with HoloViews on the same rows."""

from __future__ import annotations

import statistics
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playwright.sync_api import ViewportSize, sync_playwright

from bench.engine.bar import Bar
from bench.engine.sizes import TURNS
from bench.first_light import HEIGHT, WIDTH, wheel_seconds
from bench.product.started import SLUG
from tests.e2e.conftest import CHROMIUM, CHROMIUM_ARGUMENTS
from tests.e2e.screen import settle, sign_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.e2e.product import Product

_WINDOW: ViewportSize = {"width": WIDTH + 256, "height": HEIGHT + 64}
_PATIENCE_MS = 180_000
# `took` becomes milliseconds from the wheel to the frame after the first new grid of numbers from the server.
_PANEL_TURN = """() => {
  const models = [...Bokeh.documents[0]._all_models.values()];
  const image = models.find(model => model.type === 'GlyphRenderer' && model.glyph.type.startsWith('Image'));
  const source = image.data_source;
  let started = null;
  window.took = null;
  window.addEventListener('wheel', () => { started = performance.now(); }, {capture: true, once: true});
  const changed = () => {
    if (started === null) return;
    source.disconnect(source.properties.data.change, changed);
    requestAnimationFrame(() => requestAnimationFrame(() => { window.took = performance.now() - started; }));
  };
  source.connect(source.properties.data.change, changed);
}"""


@dataclass(frozen=True)
class Wheel:
    """Milliseconds from the wheel to new pixels, turn by turn; `reason` where the peer has none."""

    ours: list[float]
    theirs: list[float]
    reason: str


def wheel(product: Product, parquet: Path) -> Wheel:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        page = chromium.new_page(viewport=_WINDOW)
        ours = _ours(page, product)
        page.close()
        try:
            theirs, reason = _theirs(chromium.new_page(viewport=_WINDOW), parquet), ""
        except Exception as error:
            theirs, reason = [], f"{type(error).__name__}: {error}".splitlines()[0]
        chromium.close()
    return Wheel(ours, theirs, reason)


def bar(found: Wheel, rows: int) -> Bar:
    value = statistics.median(found.ours) / statistics.median(found.theirs) if found.theirs else None
    figure = f"wheel to new pixels at {rows:.0e} over that of Panel"
    return Bar(5, figure, value, 0.05, "Panel, HoloViews", note=found.reason)


def _ours(page: Page, product: Product) -> list[float]:
    sign_in(page, product.url)
    page.goto(f"{product.url}/d/{SLUG}/explore?x=x&y=y")
    settle(page)
    # The first turn is not counted: it compiles.
    return [wheel_seconds(page) * 1000 for _ in range(TURNS)][1:]


def _theirs(page: Page, parquet: Path) -> list[float]:
    with _panel(parquet) as url:
        page.set_default_timeout(_PATIENCE_MS)
        page.goto(url)
        page.wait_for_selector(".bk-Figure")
        page.wait_for_load_state("networkidle")
        # It draws again once it knows the size of the page.
        page.wait_for_timeout(2_000)
        page.mouse.move(WIDTH / 2, HEIGHT / 2)
        turns = [_their_turn(page) for _ in range(TURNS)]
    return turns[1:]


def _their_turn(page: Page) -> float:
    page.evaluate(_PANEL_TURN)
    page.mouse.wheel(0, -60)
    page.wait_for_function("() => window.took !== null")
    ms: float = page.evaluate("() => window.took")
    # What it draws after that belongs to the same turn.
    page.wait_for_timeout(500)
    return ms


@contextmanager
def _panel(parquet: Path) -> Iterator[str]:
    """The address of its server. Raises OSError where it does not start."""
    command = [sys.executable, "-m", "bench.peers.panel_app", str(parquet)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None  # noqa: S101 - narrows the type
        url = server.stdout.readline().strip()
        if not url:
            raise OSError("Panel does not start")
        try:
            yield url
        finally:
            server.terminate()
