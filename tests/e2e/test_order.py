"""Rows in the order of other columns: asked for from a picture of them, and seen in what a picture reads."""

import io

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from .product import Product
from .test_imports import ENDED, start_import, wait_for_job
from .test_sample import rows_of
from .test_wire import frame_of, open_view, signed_in

pytestmark = pytest.mark.e2e

# Several leaves of rows.
ROWS = 400_000
SLUG = "to-be-ordered"
DEADLINE_MS = 120_000


def test_an_editor_has_the_rows_ordered_by_other_columns(page: Page, product: Product) -> None:
    rng = np.random.default_rng(3)
    table = io.BytesIO()
    pd.DataFrame({name: rng.integers(0, 1000, ROWS, np.int16) for name in "xyv"}).to_parquet(table)
    with product.sign_in() as web:
        job = start_import(web, "rows.parquet", table.getvalue(), SLUG)
        assert wait_for_job(web, job["id"], lambda job: job["state"] in ENDED)["state"] == "published"
    page.goto(f"{product.url}/d/{SLUG}/explore?x=v&y=y")
    page.get_by_role("link", name="Order rows by these axes").click()
    page.get_by_role("button", name="Order rows by these axes").click()
    expect(page.get_by_text(f"{ROWS:,} rows were ordered by v and y")).to_be_visible(timeout=DEADLINE_MS)
    page.goto(f"{product.url}/d/{SLUG}")
    expect(page.get_by_text("v and y")).to_be_visible()
    page.goto(f"{product.url}/d/{SLUG}/explore?x=v&y=y")
    expect(page.get_by_text("Rows are ordered by these axes.")).to_be_visible()
    with signed_in(product) as socket:
        open_view(socket, 1, dataset=SLUG, options={"x": "v", "y": "y"})
        frame = frame_of(socket, 1)
    assert rows_of(frame) == ROWS
    assert frame["receipt"]["tilesRead"] > 0
    assert int(frame["receipt"].get("rowsScanned", 0)) < ROWS / 2
