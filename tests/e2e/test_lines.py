"""Lines: a sensor with gaps over a change of clocks has the numbers of pandas, under the canvas and in the read-out."""

import base64
import io
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from .oracle import Shown
from .product import Product
from .screen import pieces, plot, settle, state, wheel
from .test_access import violations
from .test_imports import ENDED, start_import, wait_for_job

pytestmark = pytest.mark.e2e

# Clocks go back in the night before, at 01:00 UTC.
START = pd.Timestamp("2026-10-24T12:00:00Z")
HOUR = 3600e6
# Hours from the start: rows that lack a value, and no rows at all.
MISSING, SILENT = (20, 26), (32, 36)


@pytest.fixture(scope="module")
def sensor(product: Product) -> pd.DataFrame:
    """Two sensors at irregular times, imported as the dataset "sensor". `at`: microseconds since 1970."""
    rng = np.random.default_rng(7)
    seconds = np.cumsum(rng.exponential(20.0, 9000))
    seconds = seconds[seconds < 48 * 3600]
    hours = seconds / 3600
    seconds = seconds[(hours < SILENT[0]) | (hours >= SILENT[1])]
    times = START + pd.to_timedelta(np.round(seconds * 1e6), unit="us")
    outside = rng.random(len(times)) < 0.4
    values = 15 + 6 * np.sin(seconds / 13_000) + 8 * outside + rng.normal(size=len(times))
    rows = pd.DataFrame(
        {"time": times, "sensor": np.where(outside, "outside", "inside"), "temperature": values.round(2)}
    )
    hours = seconds / 3600
    rows.loc[(hours >= MISSING[0]) & (hours < MISSING[1]), "temperature"] = np.nan
    # In another order than that of time.
    rows = rows.sample(frac=1, random_state=3).reset_index(drop=True)
    local = rows.assign(time=rows["time"].dt.tz_convert("Europe/Berlin").map(lambda time: time.isoformat()))
    assert local["time"].str.contains(r"\+02:00").any()
    assert local["time"].str.contains(r"\+01:00").any()
    file = io.StringIO()
    local.to_csv(file, index=False)
    with product.sign_in() as web:
        job = start_import(web, "sensor.csv", file.getvalue().encode(), "sensor")
        ended = wait_for_job(web, job["id"], lambda job: job["state"] in ENDED)
    assert ended["state"] == "published", ended
    return rows.assign(at=rows["time"].astype("datetime64[us, UTC]").astype("int64"))


def open_line(page: Page, product: Product, query: str = "") -> None:
    page.goto(f"{product.url}/d/sensor/explore?kind=line&x=time&y=temperature{query}")
    settle(page)


def columns_of(shown: Shown, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of a piece in the order of time, each with its column."""
    x0, x1, _, _ = shown.extent
    column = np.floor((rows["at"] - x0) / ((x1 - x0) / shown.shape[1]))
    found = rows.assign(column=column)[(column >= 0) & (column < shown.shape[1])]
    ordered: pd.DataFrame = found.astype({"column": int}).sort_values(["at", "temperature"])
    return ordered


def canvas(page: Page) -> np.ndarray:
    """Pixels of the canvas, shape (height, width, 3)."""
    address = page.evaluate("() => document.querySelector('[data-part=canvas]').toDataURL('image/png')")
    png = base64.b64decode(str(address).partition(",")[2])
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def is_drawn(page: Page, hours: np.ndarray) -> np.ndarray:
    """Whether anything is drawn at these hours from the start."""
    image, view = canvas(page), state(page)["viewport"]
    at = START.value / 1000 + hours * HOUR
    columns = ((at - view["x0"]) / (view["x1"] - view["x0"]) * image.shape[1]).astype(int)
    background = image[0, columns[0]]
    found: np.ndarray = (image[:, columns] != background).any(axis=(0, 2))
    return found


def test_every_value_is_that_of_pandas_moving_and_at_rest(page: Page, product: Product, sensor: pd.DataFrame) -> None:
    open_line(page, product)
    for _ in range(2):
        seen = 0
        for shown in pieces(page):
            own = columns_of(shown, sensor)
            seen += len(own)
            grouped = own.groupby("column")["temperature"]
            for plane, of_column in (("count", grouped.size()), ("valid", grouped.count())):
                expected = of_column.reindex(range(shown.shape[1]), fill_value=0)
                np.testing.assert_array_equal(shown.planes[plane][0], expected)
            ends = [("earliest", grouped.nth(0)), ("latest", grouped.nth(-1))]
            for plane, values in ends:
                at = own.loc[values.index, "column"]
                np.testing.assert_array_equal(shown.planes[plane][0, at], values)
            for plane, values in (("min", grouped.min().dropna()), ("max", grouped.max().dropna())):
                np.testing.assert_array_equal(shown.planes[plane][0, values.index], values)
        assert seen > 1000
        wheel(page, 3)
        settle(page)


def test_a_gap_is_empty_and_a_silent_sensor_is_not(page: Page, product: Product, sensor: pd.DataFrame) -> None:
    open_line(page, product)
    assert sensor["temperature"].isna().any()
    missing = np.linspace(MISSING[0] + 0.2, MISSING[1] - 0.2, 50)
    assert not is_drawn(page, missing).any()
    assert is_drawn(page, np.linspace(SILENT[0] + 0.2, SILENT[1] - 0.2, 50)).all()
    assert is_drawn(page, np.linspace(1, 19, 200)).all()
    page.get_by_label("Reduction").select_option("Mean")
    settle(page)
    assert not is_drawn(page, missing).any()


def test_the_read_out_and_the_crosshair_are_those_of_pandas(page: Page, product: Product, sensor: pd.DataFrame) -> None:
    open_line(page, product)
    view = state(page)["viewport"]
    box: Any = plot(page).bounding_box()
    at = START.value / 1000 + 10 * HOUR
    across = (at - view["x0"]) / (view["x1"] - view["x0"])
    page.mouse.move(box["x"] + across * box["width"], box["y"] + box["height"] / 2)
    at = view["x0"] + across * (view["x1"] - view["x0"])
    (shown,) = [piece for piece in pieces(page) if piece.extent[0] <= at < piece.extent[1]]
    column = int((at - shown.extent[0]) / (shown.extent[1] - shown.extent[0]) * shown.shape[1])
    own = columns_of(shown, sensor)
    near = own.iloc[(own["column"] - column).abs().argsort(kind="stable")[:1]]["column"].item()
    values = own[own["column"] == near]["temperature"]
    text = f"Every value of temperature {values.min():g} \N{EN DASH} {values.max():g} · {len(values)} rows"
    expect(page.get_by_text(text).first).to_be_visible()
    page.mouse.down()
    page.mouse.up()
    rows = page.get_by_role("region", name="Rows", exact=True)
    expect(rows.get_by_role("status")).to_have_text(f"{len(values)} rows")
    page.keyboard.press("Escape")
    page.mouse.move(5, 5)
    page.get_by_role("button", name="Numbers as a table").click()
    # A tooltip would be in the way.
    page.mouse.move(5, 5)
    numbers = page.get_by_role("region", name="Numbers of the picture")
    shown_columns = numbers.locator("tbody tr")
    expect(shown_columns.first).to_be_visible()
    number = f"{values.min():g} \N{EN DASH} {values.max():g}"
    expect(
        shown_columns.filter(has_text=number).filter(has=page.get_by_role("cell", name=str(len(values))))
    ).not_to_have_count(0)
    assert violations(page) == []
    page.get_by_role("button", name="Close numbers").click()
    plot(page).focus()
    page.keyboard.press("h")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("Every value of temperature").first).to_be_visible()


def test_a_line_for_each_category(page: Page, product: Product, sensor: pd.DataFrame) -> None:
    open_line(page, product, "&category=sensor&reduction=mean")
    expect(page.get_by_text("Mean of temperature by sensor").first).to_be_visible()
    with np.errstate(invalid="ignore"):
        both = canvas(page)
    page.get_by_role("button", name="outside").click()
    page.wait_for_function("() => window.halftone.status().status === 'exact'")
    expect(page.get_by_role("button", name="outside")).to_have_attribute("aria-pressed", "false")
    settle(page)
    assert len(np.unique(canvas(page).reshape(-1, 3), axis=0)) < len(np.unique(both.reshape(-1, 3), axis=0))
    assert "hide=" in page.url
    plot(page).focus()
    page.keyboard.press("h")
    expect(page.get_by_text("Mean of temperature by sensor: inside").first).to_be_visible()
    page.get_by_label("Kind").select_option("points")
    settle(page)
    assert set(sensor["sensor"]) == {"inside", "outside"}
