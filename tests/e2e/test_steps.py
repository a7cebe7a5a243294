"""Bars and heat maps of categories and of parts of time: the numbers under the canvas are those of pandas."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from .product import Product
from .screen import explore, pieces, plot, settle, state

pytestmark = pytest.mark.e2e


def times_of(flights: pd.DataFrame) -> pd.Series:
    """When each flight took off; the table has microseconds since 1970."""
    return pd.to_datetime(flights["date"], unit="us")


def means(page: Page) -> np.ndarray:
    """The mean of each cell of the topmost piece, NaN without a value; shape (height, width)."""
    shown = pieces(page)[-1]
    with np.errstate(invalid="ignore"):
        found: np.ndarray = shown.planes["sum"] / shown.planes["valid"]
    return found


def test_the_worst_origin_by_mean_delay_is_that_of_pandas(page: Page, product: Product, flights: pd.DataFrame) -> None:
    explore(page, product.url, "?kind=bars&x=origin&reduction=mean&value=delay")
    expected = flights.groupby("origin")["delay"].mean()
    order = flights["origin"].value_counts()
    found = means(page)
    assert found.shape[0] == 1
    found = found[0, : len(expected)]
    assert np.nanmax(found) == pytest.approx(expected.max(), rel=1e-12)
    np.testing.assert_allclose(np.sort(found), np.sort(expected), rtol=1e-12)
    axis = page.locator("svg").filter(has_text="origin")
    expect(axis).to_contain_text(str(order.index[0]))
    expect(page.get_by_text("rows lie in view, origin from").first).to_be_visible()


def test_the_first_ten_and_all_others_together(page: Page, product: Product, flights: pd.DataFrame) -> None:
    explore(page, product.url, "?kind=bars&x=origin&reduction=mean&value=delay")
    page.get_by_label("Order").select_option("Greatest first")
    settle(page)
    means_ = flights.groupby("origin")["delay"].mean().sort_values(ascending=False)
    axis = page.locator("svg").filter(has_text="origin")
    expect(axis).to_contain_text(str(means_.index[0]))
    page.get_by_label("First").fill("10")
    expect(axis).to_contain_text("Other")
    settle(page)
    found = means(page)[0, :11]
    np.testing.assert_allclose(found[:10], means_.iloc[:10], rtol=1e-12)
    others = flights[~flights["origin"].isin(means_.index[:10])]
    assert found[10] == pytest.approx(others["delay"].mean(), rel=1e-12)
    labels = axis.locator("g:visible text").all_text_contents()
    assert labels[:10] == list(means_.index[:10])
    view = state(page)["viewport"]
    assert -1 < view["x0"] < 0 < 11 < view["x1"] < 12
    page.go_back()
    settle(page)
    expect(axis.locator("g:visible", has_text="Other")).to_have_count(0)


def test_error_bars_of_a_mean_are_chosen_and_read(page: Page, product: Product, flights: pd.DataFrame) -> None:
    explore(page, product.url, "?kind=bars&x=date&x_scale=weekday&reduction=mean&value=delay")
    page.get_by_label("Error bars").select_option("95 % interval of the mean")
    expect(page.get_by_text("Error bars show the 95 % interval of each mean.").first).to_be_visible()
    settle(page)
    squares, valid = (pieces(page)[-1].planes[name][0, :7] for name in ("squares", "valid"))
    found = np.sqrt(squares / (valid - 1.0) / valid)
    groups = flights["delay"].groupby(times_of(flights).dt.day_of_week)
    np.testing.assert_allclose(found, groups.sem(), rtol=1e-9)
    page.locator("[data-part='area']").focus()
    page.keyboard.press("h")
    expect(page.get_by_text("(95 % interval ").first).to_be_visible()
    page.get_by_label("Reduction").select_option("Sum")
    expect(page.get_by_text("Error bars was taken back.").first).to_be_visible()


def test_bars_of_medians_and_of_different_values(page: Page, product: Product, flights: pd.DataFrame) -> None:
    explore(page, product.url, "?kind=bars&x=origin&value=delay&reduction=p90&order=greatest&top=10")
    groups = flights.groupby("origin")["delay"].agg(lambda values: np.quantile(values, 0.9, method="inverted_cdf"))
    found = pieces(page)[-1].planes["statistic"][0, :10]
    np.testing.assert_array_equal(found, groups.sort_values(ascending=False)[:10])
    page.get_by_label("Reduction").select_option("Distinct values")
    settle(page)
    most = flights.groupby("origin")["delay"].nunique().sort_values(ascending=False)
    np.testing.assert_array_equal(pieces(page)[-1].planes["statistic"][0, :10], most[:10])
    expect(page.locator("svg").filter(has_text="Distinct values of delay").first).to_be_visible()


def test_bins_of_a_day_are_chosen_and_read(page: Page, product: Product, flights: pd.DataFrame) -> None:
    explore(page, product.url, "?kind=histogram&x=date")
    page.get_by_label("Bin width").fill("604800")
    page.get_by_label("Bin width").blur()
    axis = page.locator("svg").filter(has_text="February")
    expect(axis).to_be_visible()
    settle(page)
    shown = pieces(page)[-1]
    weeks = np.bincount(flights["date"] // 604_800_000_000)
    first = round(shown.extent[0])
    np.testing.assert_array_equal(shown.planes["count"][0, : len(weeks) - first], weeks[first:])
    page.locator("[data-part='area']").focus()
    page.keyboard.press("h")
    # Weeks from 1 January 1970 on begin on Thursdays.
    week = pd.Timestamp("2001-04-05")
    expect(page.get_by_text(f"{week:%Y-%m-%d} 00:00").first).to_be_visible()
    page.get_by_label("Bins").fill("6")
    settle(page)
    assert pieces(page)[-1].planes["count"].sum() == len(flights)
    view = state(page)["viewport"]
    assert (view["x1"] - view["x0"]) / (shown.extent[1] - shown.extent[0]) < 1


def test_a_bar_is_read_by_pointer_and_by_keyboard(page: Page, product: Product, flights: pd.DataFrame) -> None:
    explore(page, product.url, "?kind=bars&x=date&x_scale=weekday")
    rows = times_of(flights).dt.day_of_week.value_counts().sort_index()
    area = plot(page)
    box: Any = area.bounding_box()
    view = state(page)["viewport"]
    across = (2.5 - view["x0"]) / (view["x1"] - view["x0"]) * box["width"]
    page.mouse.move(box["x"] + across, box["y"] + box["height"] / 2)
    readout = page.get_by_text(f"{rows[2]:,} rows")
    expect(readout.first).to_be_visible()
    expect(page.get_by_text("Wed", exact=False).first).to_be_visible()


def test_hours_by_weekdays_are_those_of_pandas_moving_and_at_rest(
    page: Page, product: Product, flights: pd.DataFrame
) -> None:
    parts = "x=date&x_scale=hour&y=date&y_scale=weekday"
    explore(page, product.url, f"?kind=heatmap&{parts}&reduction=mean&value=delay")
    times = times_of(flights).dt
    expected = flights.groupby([times.day_of_week, times.hour])["delay"].mean().unstack()
    assert expected.shape == (7, 24)
    found = means(page)
    np.testing.assert_allclose(found[:7, :24], expected, rtol=1e-12)
    for label in ("00:00", "Mon", "Sun"):
        expect(page.locator("svg").filter(has_text=label).first).to_be_visible()
    page.get_by_label("Kind").select_option("bars")
    settle(page)
    expect(page.locator("svg").filter(has_text="Hour of the day (UTC)").first).to_be_visible()


def test_two_categories_are_the_axes_of_a_heat_map(page: Page, product: Product, flights: pd.DataFrame) -> None:
    explore(page, product.url, "?kind=heatmap&x=origin&y=destination")
    expected = pd.crosstab(flights["destination"], flights["origin"])
    shown = pieces(page)[-1]
    counts = shown.planes["count"]
    assert counts.sum() == len(flights)
    assert counts.max() == expected.to_numpy().max()
    assert np.count_nonzero(counts) == np.count_nonzero(expected)


def test_categories_of_a_heat_map_stand_in_the_order_of_their_numbers(
    page: Page, product: Product, flights: pd.DataFrame
) -> None:
    axes = "x=origin&y=date&y_scale=month"
    explore(page, product.url, f"?kind=heatmap&{axes}&reduction=mean&value=delay")
    page.get_by_label("Order").select_option("Greatest first")
    settle(page)
    page.get_by_label("First").fill("5")
    expect(page.locator("svg").filter(has_text="Other").first).to_be_visible()
    settle(page)
    worst = flights.groupby("origin")["delay"].mean().sort_values(ascending=False).index[:5]
    origin = flights["origin"].where(flights["origin"].isin(worst), "Other")
    expected = flights["delay"].groupby([times_of(flights).dt.month, origin]).mean().unstack()[[*worst, "Other"]]
    found = means(page)
    for month, row in expected.iterrows():
        np.testing.assert_allclose(found[int(str(month)) - 1, :6], row, rtol=1e-12)
    labels = page.locator("svg").filter(has_text="Other").locator("g:visible text").all_text_contents()
    assert labels[:5] == list(worst)
