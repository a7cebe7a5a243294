"""The rows behind a picture: those of a cell, a bar and the nearest dot are those of pandas."""

import pandas as pd
import pytest
from playwright.sync_api import Locator, Page, expect

from .product import Product
from .screen import explore, plot, state
from .test_access import violations

pytestmark = pytest.mark.e2e

DAY = 86_400_000_000


def around(row: pd.Series) -> str:
    """A view of dates and delays with one flight at its centre."""
    date, delay = int(row["date"]), int(row["delay"])
    return f"?x=date&y=delay&bx={date - DAY},{date + DAY}&by={delay - 50},{delay + 50}"


def click(page: Page, x: float, y: float, pixels: tuple[float, float] = (0, 0)) -> None:
    """Click a place of the picture by its data, or so many pixels right of it and below it."""
    box, view = plot(page).bounding_box(), state(page)["viewport"]
    assert box is not None
    left = (x - view["x0"]) / (view["x1"] - view["x0"]) * box["width"]
    top = (view["y1"] - y) / (view["y1"] - view["y0"]) * box["height"]
    page.mouse.click(box["x"] + left + pixels[0], box["y"] + top + pixels[1])


def rows(page: Page) -> Locator:
    """The panel of rows."""
    return page.get_by_role("region", name="Rows", exact=True)


def cells(page: Page, row: int = 0) -> list[str]:
    """The cells of a row of the panel."""
    return rows(page).locator("tbody tr").nth(row).locator("td").all_text_contents()


def shows(page: Page, row: int, expected: pd.DataFrame) -> None:
    """A row, counted from 0, is in view with the cells that pandas has."""
    line = rows(page).locator(f"tr[aria-rowindex='{row + 2}']")
    expect(line).to_be_in_viewport()
    expect(line.locator("td")).to_have_text(texts(expected.iloc[row]))


def texts(flight: pd.Series) -> list[str]:
    """The same cells as pandas has them."""
    date = str(pd.to_datetime(int(flight["date"]), unit="us"))
    return [date, str(flight["delay"]), str(flight["distance"]), flight["origin"], flight["destination"]]


def order(flights: pd.DataFrame) -> pd.DataFrame:
    """Flights, the greatest delay first, equal ones as the file has them."""
    return flights.sort_values("delay", ascending=False, kind="stable")


def test_an_outliers_row_is_found_by_click_by_keyboard_and_next_to_it(
    page: Page, product: Product, flights: pd.DataFrame
) -> None:
    worst = flights.iloc[int(flights["delay"].to_numpy().argmax())]
    explore(page, product.url, around(worst))
    click(page, worst["date"], worst["delay"] + 0.5)
    expect(rows(page).get_by_role("status")).to_have_text("1 row")
    assert cells(page) == texts(worst)
    page.keyboard.press("Escape")
    expect(rows(page)).to_have_count(0)

    click(page, worst["date"], worst["delay"], pixels=(7, -7))
    expect(rows(page).get_by_role("heading")).to_have_text("Nearest row")
    expect(rows(page).get_by_role("status")).to_have_text("1 row")
    assert cells(page) == texts(worst)
    rows(page).get_by_role("button", name="Close rows").click()

    plot(page).focus()
    page.keyboard.press("h")
    page.keyboard.press("Enter")
    expect(rows(page)).to_be_focused()
    expect(rows(page).get_by_role("status")).to_have_text("1 row")
    assert cells(page) == texts(worst)
    page.keyboard.press("Escape")
    expect(rows(page)).to_have_count(0)
    expect(plot(page)).to_be_focused()


def test_rows_of_a_bar_are_sorted_and_scrolled_through(page: Page, product: Product, flights: pd.DataFrame) -> None:
    explore(page, product.url, "?kind=bars&x=origin")
    click(page, 0.5, 1.0)
    expected = order(flights[flights["origin"] == flights["origin"].value_counts().index[0]])
    expect(rows(page).get_by_role("status")).to_have_text(f"{len(expected):,} rows")
    rows(page).get_by_role("button", name="delay").click()
    rows(page).get_by_role("button", name="delay").click()
    expect(rows(page).get_by_role("columnheader", name="delay")).to_have_attribute("aria-sort", "descending")
    expect(rows(page).locator("tbody tr").first).to_contain_text(str(expected.iloc[0]["delay"]))
    assert [cells(page, row) for row in range(10)] == [texts(row) for _, row in expected.iloc[:10].iterrows()]
    rows(page).get_by_role("region", name="Cells of rows").hover()
    page.mouse.wheel(0, 60 * 24)
    shows(page, 60, expected)


def test_rows_of_all_other_bars_and_of_millions_in_view(page: Page, product: Product, flights: pd.DataFrame) -> None:
    explore(page, product.url, "?kind=bars&x=origin&reduction=mean&value=delay&order=greatest&top=10")
    means = flights.groupby("origin")["delay"].mean().sort_values(ascending=False)
    others = flights[~flights["origin"].isin(means.index[:10])]
    click(page, 10.5, 1.0)
    status = rows(page).get_by_role("status")
    expect(status).to_have_text(f"{len(others):,} rows")
    assert cells(page) == texts(others.iloc[0])
    page.keyboard.press("Escape")
    plot(page).focus()
    page.keyboard.press("t")
    expect(status).to_have_text(f"{len(flights):,} rows")
    goes_everywhere(page, flights)


def goes_everywhere(page: Page, flights: pd.DataFrame) -> None:
    """Any of millions of rows is reached, by keys, wheel and number: more than a browser lets an element be tall."""
    box = rows(page).get_by_role("region", name="Cells of rows")
    expect(box.get_by_role("table")).to_have_attribute("aria-rowcount", str(len(flights) + 1))
    box.focus()
    page.keyboard.press("End")
    shows(page, len(flights) - 1, flights)
    rows(page).get_by_role("spinbutton", name="Go to row").fill("1234568")
    page.keyboard.press("Enter")
    shows(page, 1_234_567, flights)
    box.hover()
    page.mouse.wheel(0, 30 * 24)
    shows(page, 1_234_597, flights)
    expect(rows(page)).to_contain_text(", 1,234,598 to ")
    box.focus()
    page.keyboard.press("ArrowDown")
    expect(rows(page)).to_contain_text(", 1,234,599 to ")
    page.keyboard.press("Home")
    shows(page, 0, flights)


def test_rows_of_a_cell_of_a_heat_map_whose_categories_have_an_order(
    page: Page, product: Product, flights: pd.DataFrame
) -> None:
    explore(page, product.url, "?kind=heatmap&x=origin&y=date&y_scale=month&order=name&top=3")
    named = sorted(flights["origin"].unique(), key=str.casefold)[:3]
    month = pd.to_datetime(flights["date"], unit="us").dt.month
    status = rows(page).get_by_role("status")
    for cell, chosen in enumerate([*(flights["origin"] == name for name in named), ~flights["origin"].isin(named)]):
        click(page, cell + 0.5, 0.5)
        expected = flights[chosen & (month == 1)]
        expect(status).to_have_text(f"{len(expected):,} rows")
        assert cells(page) == texts(expected.iloc[0])
        page.keyboard.press("Escape")


def test_a_tap_on_a_narrow_screen_opens_rows_that_anyone_can_read(
    page: Page, product: Product, flights: pd.DataFrame
) -> None:
    worst = flights.iloc[int(flights["delay"].to_numpy().argmax())]
    page.set_viewport_size({"width": 390, "height": 800})
    explore(page, product.url, around(worst))
    click(page, worst["date"], worst["delay"] + 0.5)
    expect(rows(page).get_by_role("status")).to_have_text("1 row")
    rows(page).get_by_text("All 5 columns").click()
    rows(page).get_by_role("checkbox", name="distance").click()
    expect(rows(page).get_by_role("columnheader")).to_have_count(4)
    date, delay, _, *places = texts(worst)
    assert cells(page) == [date, delay, *places]
    assert violations(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
