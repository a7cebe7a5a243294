"""One real node, one release on it, real Chromium outside."""

import os
import subprocess
from collections.abc import Generator, Iterator
from typing import Any

import pandas as pd
import pytest
from launcher.sample import FLIGHTS, PACKAGE, fetch
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.cluster import images
from tests.cluster.chart import ROOT
from tests.cluster.controlplane import running
from tests.cluster.node import Node, joined
from tests.e2e.conftest import CHROMIUM_ARGUMENTS
from tests.e2e.screen import sign_in
from tests.e2e.test_imports import ENDED, start_import, wait_for_job

from .installed import EMAIL, Installed

# What each phase of a test came to, for fixtures that end after it.
outcomes = pytest.StashKey[list[pytest.TestReport]]()
# What is printed at the end, whatever came out.
measured: list[str] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was measured."""
    for line in measured:
        terminalreporter.write_line(line)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note the outcome of each phase at the test."""
    report = yield
    item.stash.setdefault(outcomes, []).append(report)
    return report


@pytest.fixture(scope="session")
def node() -> Iterator[Node]:
    """A control plane with one real node, which has all images: nothing is pulled after this."""
    archives = [images.archive(name) for name in images.ON_NODE]
    with running("halftone-t3") as plane, joined(plane) as real:
        real.load(*archives)
        yield real


@pytest.fixture(scope="session")
def release(node: Node) -> Iterator[Installed]:
    """The chart's release, every pod ready, the edge answering."""
    subprocess.run([ROOT / "deploy" / "nginx" / "nginx.sh"], check=True)
    installed = Installed(node)
    installed.install()
    measured.append(f"every pod was ready after {installed.seconds:.1f} s")
    yield installed
    installed.way.bridge.close()


@pytest.fixture(autouse=True)
def evidence(request: pytest.FixtureRequest) -> Iterator[None]:
    """When a test fails that uses the release, keep what the cluster says and print the part worth reading first."""
    yield
    # Not there when it could not be installed, which tells its own story.
    installed: Installed | None = request.node.funcargs.get("release")
    if installed and any(report.failed for report in request.node.stash.get(outcomes, [])):
        print(installed.collect(request.node.name))


@pytest.fixture(scope="session")
def flights() -> pd.DataFrame:
    """The sample's rows as ingest understands them: date in microseconds, numbers as float64 or integers."""
    if not FLIGHTS.exists():
        fetch(PACKAGE, os.environ)
    rows = pd.read_parquet(FLIGHTS)
    return rows.assign(date=rows["date"].astype("datetime64[us]").astype("int64"))


@pytest.fixture(scope="session")
def imported(release: Installed, flights: pd.DataFrame) -> dict[str, Any]:
    """The job that imported the flights, uploaded from outside as a person's file."""
    assert len(flights) > 0
    with release.sign_in() as web:
        job = start_import(web, FLIGHTS.name, FLIGHTS.read_bytes(), "flights")
        return wait_for_job(web, job["id"], lambda job: job["state"] in ENDED, 300)


@pytest.fixture(scope="session")
def browser(release: Installed) -> Iterator[Browser]:
    """Chromium with WebGL2 in software, outside the cluster."""
    subprocess.run([ROOT / "deploy" / "embedded" / "chromium.sh"], check=True)
    executable = os.environ.get("HALFTONE_CHROMIUM", "/usr/bin/chromium")
    arguments = [*CHROMIUM_ARGUMENTS, *release.way.chromium_arguments()]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=arguments)
        # All of the cluster shares this machine's processors with the browser.
        expect.set_options(timeout=30_000)
        yield chromium
        expect.set_options(timeout=5_000)
        chromium.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh person: no cookies, no storage."""
    fresh = browser.new_context(viewport={"width": 1280, "height": 800})
    yield fresh
    fresh.close()


@pytest.fixture
def page(context: BrowserContext, release: Installed) -> Iterator[Page]:
    """A signed-in page; the test fails if the page logged an error of its own."""
    tab = context.new_page()
    faults: list[str] = []
    tab.on("pageerror", lambda error: faults.append(str(error)))
    sign_in(tab, release.url, EMAIL, release.password)
    yield tab
    assert not faults
