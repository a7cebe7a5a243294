"""Explore as a person uses it: links, history, refusals, the read-out, the keyboard and colours."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .product import EMAIL, PASSWORD, Product, wait_until
from .screen import explore, plot, settle, state

pytestmark = pytest.mark.e2e

AXES = "?x=date&y=delay"
# Rows of the cell at a place of the plot (shares from its lower left corner), from the numbers on the page.
ROWS_AT = """({u, v}) => {
  const {viewport, pieces} = window.halftone.explore();
  const x = viewport.x0 + u * (viewport.x1 - viewport.x0);
  const y = viewport.y0 + v * (viewport.y1 - viewport.y0);
  const piece = pieces.findLast(({extent}) => extent.x0 <= x && x < extent.x1 && extent.y0 <= y && y < extent.y1);
  const {extent, width, height, planes} = piece;
  const column = Math.floor((x - extent.x0) / (extent.x1 - extent.x0) * width);
  const row = Math.floor((y - extent.y0) / (extent.y1 - extent.y0) * height);
  return planes.find(({role}) => role === 'count').values[row * width + column];
}"""

# Chooses values in fields (by their labels) as a person would who is faster than the page.
CHOOSE = """async ({choices, gap}) => {
  const set = Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, 'value').set;
  for (const [label, value] of Object.entries(choices)) {
    const field = [...document.querySelectorAll('select')].find(one => one.labels[0].textContent === label);
    set.call(field, value);
    field.dispatchEvent(new Event('change', {bubbles: true}));
    await new Promise(done => setTimeout(done, gap));
  }
}"""


def press(page: Page, *keys: str) -> dict[str, Any]:
    """Press keys on the plot one by one and return the state when the last picture is exact."""
    plot(page).focus()
    for key in keys:
        page.keyboard.press(key)
    return settle(page)


def link(page: Page) -> str:
    """Return the address of the view, once the browser has it, too."""
    address: str = page.evaluate("() => location.href")
    expect(page).to_have_url(address)
    return address


def width(view: dict[str, Any]) -> float:
    """Return how much of the x axis is in view."""
    span: float = view["viewport"]["x1"] - view["viewport"]["x0"]
    return span


def test_back_and_forward_restore_the_view(page: Page, product: Product) -> None:
    explore(page, product.url, AXES)
    views = [state(page)["viewport"]]
    links = [link(page)]
    for key in ("+", "ArrowRight"):
        views.append(press(page, key)["viewport"])
        links.append(link(page))
    assert links[0] != links[1] != links[2]
    assert views[0] != views[1] != views[2]
    for go, wanted in ((page.go_back, 1), (page.go_back, 0), (page.go_forward, 1), (page.go_forward, 2)):
        go()
        wait_until(lambda wanted=wanted: state(page)["viewport"] == views[wanted], f"view {wanted}")  # type: ignore[misc]  # a default binds the loop's value
    assert settle(page)["viewport"] == views[2]


def test_parts_of_a_link_that_cannot_be_used_are_named(page: Page, product: Product) -> None:
    explore(page, product.url, f"{AXES}&map=nonsense&bogus=1&hide=99")
    banner = page.get_by_role("alert").filter(has_text="could not be used")
    for key in ("map", "bogus", "hide"):
        expect(banner).to_contain_text(key)
    assert state(page)["options"]["y"] == "delay"
    assert width(press(page, "+")) > 0


def test_signing_in_again_leads_to_the_wanted_view(page: Page, product: Product) -> None:
    explore(page, product.url, AXES)
    before = press(page, "+", "+")["viewport"]
    address = link(page)
    page.get_by_role("button", name="Account of").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page).to_have_url(re.compile("/login"))
    page.goto(address)
    expect(page).to_have_url(re.compile("/login"))
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile("/d/flights/explore"))
    assert settle(page)["viewport"] == before


def test_a_refused_option_keeps_the_picture_and_is_explained_at_its_field(page: Page, product: Product) -> None:
    explore(page, product.url, AXES)
    before = state(page)["seq"]
    # The menu offers no category; a page that did not know better would.
    value = page.get_by_label("Value")
    value.locator("option[value=origin]").evaluate("option => { option.disabled = false; }")
    value.select_option("origin")
    expect(value).to_have_attribute("aria-invalid", "true")
    shown = state(page)
    assert (shown["seq"], shown["options"]["reduction"]) == (before, "count")
    value.select_option("distance")
    expect(value).not_to_have_attribute("aria-invalid", "true")
    page.get_by_label("Reduction").select_option("sum")
    wait_until(lambda: state(page)["options"].get("reduction") == "sum", "the sum")


def test_the_read_out_tells_the_rows_of_the_cell_under_the_pointer(page: Page, product: Product) -> None:
    explore(page, product.url, AXES)
    settle(page)
    box = plot(page).bounding_box()
    assert box is not None
    counts = []
    for u, v in ((0.5, 0.11), (0.3, 0.15), (0.7, 0.2), (0.5, 0.9)):
        page.mouse.move(box["x"] + round(box["width"] * u), box["y"] + round(box["height"] * (1 - v)))
        place = {
            "u": round(box["width"] * u) / box["width"],
            "v": 1 - round(box["height"] * (1 - v)) / box["height"],
        }
        rows = int(page.evaluate(ROWS_AT, place))
        expect(page.get_by_text(re.compile(rf"^{rows:,} rows?$"))).to_be_visible()
        counts.append(rows)
    assert max(counts) > 100


def test_keys_zoom_pan_and_show_everything(page: Page, product: Product) -> None:
    explore(page, product.url, AXES)
    whole = state(page)
    near = press(page, "+", "+")
    assert width(near) == pytest.approx(width(whole) * 0.64)
    right = press(page, "Shift+ArrowRight")
    assert right["viewport"]["x0"] == pytest.approx(near["viewport"]["x0"] + width(near) / 2)
    assert press(page, "r")["viewport"] == whole["viewport"]


def test_keys_zoom_to_a_box(page: Page, product: Product) -> None:
    explore(page, product.url, AXES)
    whole = state(page)
    assert press(page, "z", "Shift+ArrowRight", "Escape")["viewport"] == whole["viewport"]
    # From 40 % to 70 %.
    near = press(page, "z", "Shift+ArrowRight", "Enter")
    assert width(near) == pytest.approx(width(whole) * 0.3)


def test_keys_read_cells(page: Page, product: Product) -> None:
    explore(page, product.url, AXES)
    press(page, "h")
    said = page.get_by_role("status").filter(has_text=re.compile(r"^[\d,]+ rows?, "))
    first = said.inner_text()
    press(page, "ArrowRight")
    expect(said).not_to_have_text(first)
    press(page, "ArrowLeft")
    expect(said).to_have_text(first)
    press(page, "Escape")
    expect(said).to_have_count(0)


def test_colours_ask_the_server_nothing(page: Page, product: Product) -> None:
    explore(page, product.url, AXES)
    before = state(page)["seq"]
    page.get_by_label("Colours").select_option("magma")
    page.get_by_label("Normalisation").select_option("log")
    page.get_by_label("Background").select_option("light")
    expect(page).to_have_url(re.compile("map=magma.*norm=log.*ground=light"))
    after = state(page)
    assert (after["seq"], after["pending"], after["status"]) == (before, False, "exact")
    page.go_back()
    expect(page.get_by_label("Background")).to_have_value("dark")
    assert settle(page)["seq"] == before


def test_changes_faster_than_the_page_are_all_kept(page: Page, product: Product) -> None:
    explore(page, product.url, AXES)
    before = state(page)["seq"]
    looks = (
        {"Colours": "magma", "Normalisation": "log", "Background": "light"},
        {"Colours": "plasma", "Normalisation": "linear", "Background": "dark"},
    )
    for turn, gap in enumerate((0, 2, 5, 8, 10, 12, 15, 20, 40, 80) * 3):
        choices = looks[turn % 2]
        page.evaluate(CHOOSE, {"choices": choices, "gap": gap})
        expect(page).to_have_url(re.compile(f"map={choices['Colours']}.*norm={choices['Normalisation']}"))
        for label, value in choices.items():
            expect(page.get_by_label(label)).to_have_value(value)
    assert settle(page)["seq"] == before


def test_hidden_categories_are_in_the_link_and_ask_nothing(page: Page, product: Product) -> None:
    explore(page, product.url, f"{AXES}&category=origin")
    before = state(page)["seq"]
    swatch = page.get_by_role("button", name="ORD", exact=True)
    swatch.click()
    expect(swatch).to_have_attribute("aria-pressed", "false")
    expect(page).to_have_url(re.compile("hide=0"))
    assert state(page)["seq"] == before
    page.reload()
    settle(page)
    expect(swatch).to_have_attribute("aria-pressed", "false")
    expect(page.get_by_label("Colours")).to_have_count(0)
