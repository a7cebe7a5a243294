"""One product for the whole run, real Chromium, real flights."""

import os
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from halftone_servicekit.storage import StorageAddress
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.extending.recipes import recipes

from .product import ROOT, Product
from .profiles import Servers, chosen
from .screen import sign_in

# Pages are waited for, however busy the machine is; only a failure takes this long.
expect.set_options(timeout=30_000)

CHROMIUM = os.environ.get("HALFTONE_CHROMIUM", "/usr/bin/chromium")
CHROMIUM_ARGUMENTS = [
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers | None]:
    """The servers behind the product; None when it needs none."""
    with chosen() as running:
        yield running


@pytest.fixture(scope="session")
def extensions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the kind and the reduction of docs/extending.md, for the product's PYTHONPATH."""
    folder = tmp_path_factory.mktemp("extensions")
    for name in ("kind", "reduction"):
        recipes()[name].write_below(folder)
    return folder


@pytest.fixture(scope="session")
def opened(tmp_path_factory: pytest.TempPathFactory, servers: Servers | None) -> dict[str, StorageAddress]:
    """Places that the operator of the product has opened: a folder, and with object storage a prefix of it."""
    places = {"folder": StorageAddress(f"file://{tmp_path_factory.mktemp('opened')}")}
    return places | ({"objects": servers.objects.address("opened")} if servers else {})


@pytest.fixture(scope="session")
def product(
    tmp_path_factory: pytest.TempPathFactory,
    servers: Servers | None,
    extensions: Path,
    opened: dict[str, StorageAddress],
) -> Iterator[Product]:
    """The product with its sample data, started by `make up DETACH=1`, stopped by `make down`."""
    roots = ",".join(f"{name}={place.url.removeprefix('file://')}" for name, place in opened.items())
    profile = {"PYTHONPATH": str(extensions), "HALFTONE_IMPORT_ROOTS": roots}
    profile |= servers.settings() if servers else {}
    running = Product(tmp_path_factory.mktemp("home"), profile)
    running.make("up", "DETACH=1")
    yield running
    running.make("down")


@pytest.fixture(scope="session")
def flights() -> pd.DataFrame:
    """The sample's rows as ingest understands them: date in microseconds, numbers as float64 or integers."""
    sample = next(ROOT.glob("deploy/embedded/sample/**/flights-3m.parquet"))
    rows = pd.read_parquet(sample)
    return rows.assign(date=rows["date"].astype("datetime64[us]").astype("int64"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium with WebGL2 in software."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh person: no cookies, no storage."""
    fresh = browser.new_context(viewport={"width": 1280, "height": 800})
    yield fresh
    fresh.close()


@pytest.fixture
def page(context: BrowserContext, product: Product) -> Iterator[Page]:
    """A signed-in page; the test fails if the page logged an error of its own."""
    tab = context.new_page()
    faults: list[str] = []
    tab.on("pageerror", lambda error: faults.append(str(error)))
    sign_in(tab, product.url)
    yield tab
    assert not faults


@pytest.fixture
def golden() -> Path:
    """Folder of stored pictures."""
    return Path(__file__).parent / "golden"
