"""A server that is lost behind the product slows it, and never shows a wrong picture or an endless wait."""

from collections.abc import Iterator
from contextlib import contextmanager

import datashader as ds
import httpx2
import numpy as np
import pandas as pd
import pytest
from halftone_servicekit.testing_servers import Server
from playwright.sync_api import Page

from .oracle import expected
from .product import Product, wait_until
from .profiles import Servers
from .screen import explore, pieces, settle, state, wheel
from .test_imports import ENDED, many_rows, start_import, wait_for_job

pytestmark = pytest.mark.e2e

X, Y = "distance", "delay"


@pytest.fixture
def behind(servers: Servers | None) -> Servers:
    """The servers of the cluster profile."""
    if servers is None:
        pytest.skip("the embedded profile has no servers; HALFTONE_E2E_PROFILE=cluster runs this")
    return servers


@contextmanager
def away(*servers: Server) -> Iterator[None]:
    """The servers are stopped inside the block, and back at the same address after it."""
    for server in servers:
        server.stop()
    try:
        yield
    finally:
        for server in servers:
            server.start()


def assert_exact(page: Page, flights: pd.DataFrame) -> None:
    """Assert that every cell on the page holds Datashader's count."""
    shown = pieces(page)
    assert shown
    for piece in shown:
        np.testing.assert_array_equal(piece.planes["count"], expected(flights, piece, X, Y, ds.count()))


def test_without_any_redis_people_sign_in_look_and_import(
    product: Product, behind: Servers, page: Page, flights: pd.DataFrame
) -> None:
    with away(behind.broker, behind.cache):
        explore(page, product.url, f"?x={X}&y={Y}")
        assert_exact(page, flights)
        with product.sign_in() as web:
            job = start_import(web, "rows.csv", many_rows(1000), "without-redis")
            # No message wakes the worker: it looks by itself every ten seconds.
            assert wait_for_job(web, job["id"], lambda job: job["state"] in ENDED)["state"] == "published"


def test_while_postgres_is_away_pictures_move_and_rest_says_try_again(
    product: Product, behind: Servers, page: Page, flights: pd.DataFrame
) -> None:
    explore(page, product.url, f"?x={X}&y={Y}")
    before = state(page)["viewport"]
    with product.sign_in() as web:
        with away(behind.postgres):
            wheel(page, 3)
            assert settle(page)["viewport"] != before
            assert_exact(page, flights)
            refused = web.get("/api/datasets/")
            assert refused.status_code == 503
            assert int(refused.headers["retry-after"]) > 0
            assert refused.json()["code"] == "auth_unavailable"
        wait_until(lambda: web.get("/api/datasets/").is_success, "the catalogue")


def test_what_compute_has_fetched_is_drawn_while_object_storage_is_away(
    product: Product, behind: Servers, page: Page, flights: pd.DataFrame
) -> None:
    explore(page, product.url, f"?x={X}&y={Y}")
    with product.sign_in() as web, away(behind.objects):
        wheel(page, 2, at=(0.2, 0.2))
        settle(page)
        assert_exact(page, flights)
        refused = upload(web)
        assert (refused.status_code, refused.json()["code"]) == (503, "storage_unavailable")
        assert product.access_token()
    with product.sign_in() as web:
        assert wait_until(lambda: upload(web).is_success, "an upload")


def upload(web: httpx2.Client) -> httpx2.Response:
    return web.post("/api/uploads/", files={"file": ("rows.csv", many_rows(10))})
