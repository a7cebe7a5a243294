"""Every page can be read by everyone: axe finds nothing, narrow screens do not scroll sideways, no errors."""

import json
import re
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from .product import ROOT, Product
from .screen import settle, sign_in

pytestmark = pytest.mark.e2e

AXE = ROOT / "frontend/node_modules/axe-core/axe.min.js"
RUN_AXE = """async () => {
  const found = await axe.run(document, {resultTypes: ['violations']});
  return found.violations.map(({id, help, nodes}) => ({id, help, where: nodes.map(node => node.html)}));
}"""
EXPLORE = "/d/flights/explore?x=date&y=delay&category=origin"
# The address of each page and the heading that says it is there.
PAGES = {
    "/datasets": "Datasets",
    "/d/flights": "flights",
    "/datasets/new": "Import",
    "/jobs": "Jobs",
    EXPLORE: "flights",
}
Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")


def violations(page: Page) -> list[dict[str, Any]]:
    """Return what axe-core finds wrong with the page as it is."""
    page.evaluate(f"() => {{ {AXE.read_text()} }}")
    found: list[dict[str, Any]] = page.evaluate(RUN_AXE)
    return found


def visit(page: Page, product: Product, path: str) -> None:
    """Open a page and wait until it is whole."""
    page.goto(product.url + path)
    expect(page.get_by_role("heading", name=re.compile(PAGES[path], re.IGNORECASE)).first).to_be_visible()
    if path == EXPLORE:
        settle(page)
    else:
        page.wait_for_load_state("networkidle")


def themed(browser: Browser, theme: Theme) -> BrowserContext:
    """Return a context of a person who prefers `theme` and little motion."""
    size = {"width": 1280, "height": 800}
    return browser.new_context(viewport=size, color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]  # a ViewportSize


@pytest.fixture(params=THEMES)
def guest(request: pytest.FixtureRequest, browser: Browser, product: Product) -> Iterator[Page]:
    """The sign-in page in each theme; the test fails if the walk from here logs an error."""
    context = themed(browser, request.param)
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{product.url}/login")
    yield page
    context.close()
    assert errors == []


def test_nothing_for_axe_to_find(guest: Page, product: Product) -> None:
    expect(guest.get_by_label("E-mail")).to_be_visible()
    found = {"/login": violations(guest)}
    sign_in(guest, product.url)
    for path in PAGES:
        visit(guest, product, path)
        found[path] = violations(guest)
    assert not any(found.values()), json.dumps(found, indent=1)


def test_narrow_screens_do_not_scroll_sideways(guest: Page, product: Product) -> None:
    guest.set_viewport_size({"width": 320, "height": 640})
    widths = {"/login": guest.evaluate("document.scrollingElement.scrollWidth")}
    sign_in(guest, product.url)
    for path in PAGES:
        visit(guest, product, path)
        widths[path] = guest.evaluate("document.scrollingElement.scrollWidth")
    assert widths == dict.fromkeys(widths, 320)
