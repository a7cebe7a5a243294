"""The clients in examples/ do what they say, against the running product."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import datashader as ds
import numpy as np
import pandas as pd
import pytest
from halftone_views.columns import ColumnInfo
from halftone_views.default_view.opening import opening
from halftone_views.lattice import padded
from halftone_views.plan import PADDING
from numpy.typing import NDArray

from examples import grpc_client, ws_client

from .product import EMAIL, PASSWORD, ROOT, Product

pytestmark = pytest.mark.e2e

PNG = b"\x89PNG\r\n\x1a\n"


def opening_picture(product: Product, flights: pd.DataFrame, y: str, width: int, height: int) -> NDArray[np.uint32]:
    """Return Datashader's counts of flights over date, one cell for each pixel of a picture as a new view opens it."""
    with product.sign_in() as web:
        found = web.get("/api/datasets/flights/columns/").raise_for_status().json()["columns"]
    columns = {column["name"]: ColumnInfo.from_json(column) for column in found}
    x0, x1, y0, y1 = padded((*opening(columns["date"]), *opening(columns[y])), PADDING)
    canvas = ds.Canvas(plot_width=width, plot_height=height, x_range=(x0, x1), y_range=(y0, y1))
    return np.asarray(canvas.points(flights, "date", y, ds.count()).data)


def test_socket_client_gets_an_exact_frame(product: Product, flights: pd.DataFrame) -> None:
    picture = ws_client.picture(product.url, EMAIL, PASSWORD, width=640, height=480, exactViewport=True)
    # The browser of other tests has an event loop in this thread.
    with ThreadPoolExecutor(1) as thread:
        counts = thread.submit(asyncio.run, picture).result()
    np.testing.assert_array_equal(counts, opening_picture(product, flights, "distance", 640, 480))


def test_grpc_client_draws_a_png_and_an_array(product: Product, flights: pd.DataFrame) -> None:
    grant = grpc_client.fetch_grant(product.url, EMAIL, PASSWORD, "flights")
    with grpc_client.channel(product.compute, grpc_client.parse([])) as compute:
        png, counts = grpc_client.draw_flights(compute, grant)
    assert png.startswith(PNG)
    np.testing.assert_array_equal(counts, opening_picture(product, flights, "delay", 800, 600))


def test_the_page_about_drawing_does_what_it_says(
    product: Product, flights: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"URL": product.url, "EMAIL": EMAIL, "PASSWORD": PASSWORD, "COMPUTE": product.compute}
    for name, value in given.items():
        monkeypatch.setenv(f"HALFTONE_{name}", value)
    page: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "draw.md").read_text(), re.DOTALL):
        exec(block, page)  # noqa: S102 - a page of our own
    np.testing.assert_array_equal(page["density"], opening_picture(product, flights, "delay", 800, 600))
    assert page["picture"].startswith(PNG)
    assert page["lines"].startswith(PNG)
    times = pd.to_datetime(flights["date"], unit="us").dt
    late = flights.groupby([times.day_of_week, times.hour])["delay"].mean().unstack()
    np.testing.assert_allclose(page["late"], late, rtol=1e-12)
    means = flights.groupby("origin")["delay"].mean().sort_values(ascending=False)
    others = flights[~flights["origin"].isin(means.index[:10])]["delay"].mean()
    np.testing.assert_allclose(page["worst"], [*means[:10], others], rtol=1e-12)
    assert page["names"] == [*means.index[:10], f"Other ({len(means) - 10})"]
    assert len(page["bins"]) == 200
    assert page["bins"].sum() <= len(flights)
    hundreds = np.bincount(flights["distance"] // 100)
    first = int(np.flatnonzero(page["hundreds"])[0]) - int(np.flatnonzero(hundreds)[0])
    known = np.concatenate((np.zeros(first, int), hundreds, np.zeros(len(page["hundreds"]), int)))
    np.testing.assert_array_equal(page["hundreds"], known[: len(page["hundreds"])])
    assert page["hundreds"].sum() > 0.98 * len(flights)
    least, greatest = page["least"], page["greatest"]
    assert np.nanmax(greatest) <= flights["delay"].max()
    assert (least[~np.isnan(least)] <= greatest[~np.isnan(least)]).all()


def test_grpc_client_reads_rows(product: Product, flights: pd.DataFrame) -> None:
    grant = grpc_client.fetch_grant(product.url, EMAIL, PASSWORD, "flights")
    with grpc_client.channel(product.compute, grpc_client.parse([])) as compute:
        worst = grpc_client.worst_flights(compute, grant, count=20).to_pandas()
    far = flights[flights["distance"] >= 1000]
    expected = far.sort_values("delay", ascending=False, kind="stable").head(20)
    for name in ("delay", "distance", "origin", "destination"):
        assert worst[name].tolist() == expected[name].tolist()
    assert worst["date"].astype("int64").tolist() == expected["date"].tolist()
