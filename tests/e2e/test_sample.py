"""A picture that reads millions of rows: first from a sample, and marked, then from every row."""

import base64
import io
from typing import Any

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page

from .product import Product, wait_until
from .screen import settle
from .test_imports import ENDED, start_import, wait_for_job
from .test_wire import open_view, receive, send, signed_in

pytestmark = pytest.mark.e2e

# More than versions without a sample have (`LEAST_ROWS`), and than are read at once (`FEW_ROWS`).
ROWS = 4_400_000
SAMPLE = 1 << 20
SLUG = "many-rows"
# Not the axes that rows are ordered by.
VIEW = {"x": "v", "y": "y"}
# What the status pill said, in order.
NOTE_STATUS = """() => {
  window.said = [];
  new MutationObserver(() => {
    const label = document.querySelector('[data-status]')?.textContent?.trim();
    if (label && label !== window.said.at(-1)) window.said.push(label);
  }).observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
}"""


@pytest.fixture(scope="module")
def many_rows(product: Product) -> None:
    """The table as a dataset of the product."""
    rng = np.random.default_rng(2)
    table = io.BytesIO()
    columns = {name: rng.integers(0, 1000, ROWS, np.int16) for name in "xyv"}
    pd.DataFrame(columns).to_parquet(table)
    with product.sign_in() as web:
        job = start_import(web, "rows.parquet", table.getvalue(), SLUG)
        done = wait_for_job(web, job["id"], lambda job: job["state"] in ENDED, seconds=300)
        assert done["state"] == "published"


def rows_of(frame: dict[str, Any]) -> int:
    """Rows in all pieces of a frame."""
    return sum(_rows(piece) for piece in frame["pieces"])


def _rows(piece: dict[str, Any]) -> int:
    plane = piece["planes"][0]
    data = base64.b64decode(plane["data"])
    dtype = np.dtype(f"<u{int(plane['dtype'].removeprefix('DTYPE_U')) // 8}")
    offset = len(data) // (4 + dtype.itemsize) * 4 if plane["codec"] == "CODEC_SPARSE" else 0
    return int(np.frombuffer(data, dtype, offset=offset).sum())


def test_the_socket_brings_an_approximate_frame_and_then_the_exact_one(product: Product, many_rows: None) -> None:
    with signed_in(product) as socket:
        open_view(socket, 1, dataset=SLUG, options=VIEW, approximate=True)
        first = receive(socket, "frame")
        assert first["status"] == "FRAME_STATUS_APPROXIMATE"
        assert first["receipt"]["fraction"] == pytest.approx(SAMPLE / ROWS)
        assert {piece["fraction"] for piece in first["pieces"]} == {first["receipt"]["fraction"]}
        frames = [first]
        while frames[-1]["status"] != "FRAME_STATUS_EXACT":
            frames.append(receive(socket, "frame"))
        exact = [frame for frame in frames if frame["status"] != "FRAME_STATUS_APPROXIMATE"]
        assert sum(rows_of(frame) for frame in exact) == ROWS
        assert frames[-1]["receipt"]["fraction"] == 1
        assert rows_of(first) == SAMPLE
        assert not {piece["pieceId"] for piece in first["pieces"]} & {
            piece["pieceId"] for frame in exact for piece in frame["pieces"]
        }
        send(socket, shown={"viewId": 1, "seq": 1})


def test_a_client_that_does_not_ask_for_it_gets_exact_frames_alone(product: Product, many_rows: None) -> None:
    with signed_in(product) as socket:
        open_view(socket, 1, dataset=SLUG, options={"x": "v", "y": "x"})
        frames = [receive(socket, "frame")]
        while frames[-1]["status"] != "FRAME_STATUS_EXACT":
            frames.append(receive(socket, "frame"))
        assert "FRAME_STATUS_APPROXIMATE" not in [frame["status"] for frame in frames]
        assert sum(rows_of(frame) for frame in frames) == ROWS


def test_the_page_says_so_until_every_row_is_counted(page: Page, product: Product, many_rows: None) -> None:
    page.add_init_script(f"({NOTE_STATUS})()")
    # A mean of its own: no cache and no stored tile has it.
    query = "?x=v&y=x&reduction=mean&value=y"
    page.goto(f"{product.url}/d/{SLUG}/explore{query}")
    settle(page)
    said: list[str] = page.evaluate("() => window.said")
    assert any("Approximate, 24 % of rows" in label for label in said), said
    wait_until(lambda: page.evaluate("() => window.said.at(-1)").endswith("Exact"), "the word exact")
