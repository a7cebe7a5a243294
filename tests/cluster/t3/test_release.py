"""The chart on a real node, used as people use it: from outside, over TLS, in a browser."""

from pathlib import Path
from typing import Any

import datashader as ds
import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from tests.cluster.chart import CHART
from tests.cluster.node import CARD
from tests.cluster.until import until
from tests.e2e.oracle import expected
from tests.e2e.screen import colours, explore, pieces, plot, settle, state, wheel

from .installed import READY_SECONDS, Installed

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("imported")]

AXES = "?x=date&y=delay"
CARDS = (
    "gpu.enabled=true",
    "computeGpu.image.repository=halftone-compute-cpu",
    "computeGpu.resources.requests.cpu=100m",
    "computeGpu.resources.requests.memory=1Gi",
    "computeGpu.resources.limits.memory=1Gi",
    "computeGpu.cache.bytes=1Gi",
    "computeGpu.cache.size=2Gi",
)
OTHERS = ("compute-cpu", "gateway", "auth")
COOKIE = "__Host-halftone-refresh"


def middle(page: Page) -> tuple[float, float]:
    """Return the middle of the plot in pixels of the page."""
    box = plot(page).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Page, right: float, down: float) -> None:
    """Take the picture at its middle and move it."""
    x, y = middle(page)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right, y + down, steps=8)
    page.mouse.up()


def assert_numbers(page: Page, flights: pd.DataFrame) -> None:
    """Assert that every cell on the screen has the count that Datashader has."""
    shown = pieces(page)
    assert shown
    for piece in shown:
        wanted = expected(flights, piece, "date", "delay", ds.count())
        np.testing.assert_array_equal(piece.planes["count"], wanted, err_msg=f"{piece.extent}")
    assert sum(piece.planes["count"].sum() for piece in shown) > 10_000


def assert_not_blank(page: Page, folder: Path) -> None:
    """Assert that the plot shows a picture of many colours."""
    shot = folder / "plot.png"
    plot(page).screenshot(path=shot)
    assert len(np.unique(colours(shot).reshape(-1, 3), axis=0)) > 30


def some_ready(release: Installed, component: str) -> list[str]:
    """Return the ready pods of a component, once there are any: one may be slow to say so, and is asked again."""
    return until(lambda: release.ready(component), f"a ready pod of {component}", 120)


def environment(release: Installed, pod: str) -> dict[str, str]:
    """Return the environment of a pod's first process."""
    said = release.plane.kubectl("exec", pod, f"--namespace={release.namespace}", "--", "env")
    return dict(line.split("=", 1) for line in said.splitlines() if "=" in line)


def test_every_pod_is_ready_in_time(release: Installed) -> None:
    assert 0 < release.seconds <= READY_SECONDS
    assert release.restarts == 0


def test_helm_test_passes(release: Installed) -> None:
    assert "Phase:          Succeeded" in release.helm("test", "halftone", "--timeout=300s", "--logs")


def test_a_sign_in_over_tls_is_kept_in_a_host_cookie(page: Page, release: Installed) -> None:
    kept = {cookie["name"]: cookie for cookie in page.context.cookies(release.url)}[COOKIE]
    assert (kept["secure"], kept["httpOnly"], kept["path"], kept["sameSite"]) == (True, True, "/", "Strict")
    page.reload()
    expect(page.get_by_role("button", name="Account of")).to_be_visible()


def test_the_worker_pod_imports_into_object_storage(
    release: Installed, imported: dict[str, Any], flights: pd.DataFrame
) -> None:
    assert imported["state"] == "published", imported
    with release.sign_in() as web:
        versions = web.get("/api/datasets/flights/versions/").raise_for_status().json()
    assert [version["rows"] for version in versions] == [len(flights)]
    # The embedded object server keeps each object as a file of its volume.
    kept = release.node.folder / "disks"
    (manifest,) = kept.glob("*/halftone/data/datasets/**/manifest.json")
    assert any(path.stat().st_size > 1_000_000 for path in manifest.parent.rglob("*") if path.is_file())


def test_a_drag_shows_what_datashader_counts(page: Page, release: Installed, flights: pd.DataFrame) -> None:
    explore(page, release.url, AXES)
    wheel(page, 4)
    before = settle(page)["viewport"]
    drag(page, -150, 40)
    after = settle(page)["viewport"]
    assert after["x0"] > before["x0"]
    assert_numbers(page, flights)


@pytest.mark.parametrize("component", ["compute-cpu", "gateway"])
def test_the_picture_outlives_a_killed_pod(
    page: Page, release: Installed, flights: pd.DataFrame, tmp_path: Path, component: str
) -> None:
    explore(page, release.url, AXES)
    before = state(page)["viewport"]
    x, y = middle(page)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 40, y, steps=4)
    for pod in some_ready(release, component):
        release.node.kill(release.namespace, pod)
    for step in range(10):
        page.mouse.move(x - 40 - 12 * step, y + 4 * step)
        assert_not_blank(page, tmp_path)
    page.mouse.up()

    after = settle(page, 180)["viewport"]
    assert after["x0"] > before["x0"]
    expect(page.get_by_role("alert")).to_have_count(0)
    assert_not_blank(page, tmp_path)
    assert_numbers(page, flights)
    release.wait_for(lambda: release.ready(component), f"{component} is ready again", 180)


def test_a_deleted_pod_is_replaced_and_the_picture_stays(page: Page, release: Installed, flights: pd.DataFrame) -> None:
    explore(page, release.url, AXES)
    (gateway, *_) = some_ready(release, "gateway")
    release.plane.kubectl("delete", "pod", gateway, f"--namespace={release.namespace}", "--force", "--grace-period=0")
    wheel(page, 4)
    settle(page, 180)
    expect(page.get_by_role("alert")).to_have_count(0)
    assert_numbers(page, flights)
    release.wait_for(lambda: set(release.ready("gateway")) - {gateway}, "a new gateway", 180)


def test_a_card_pool_is_scheduled_by_the_device_plugin(release: Installed) -> None:
    """Only scheduling: the image for processors stands in for that for cards, and the node's cards are names."""
    release.helm("upgrade", "halftone", CHART, "--reuse-values", *(f"--set={each}" for each in CARDS))
    release.wait_for(lambda: release.ready("compute-gpu"), "a pod with a card", 240)
    release.rolled_out("compute-gpu", *OTHERS)
    (pod,) = release.pods("compute-gpu")
    (container,) = pod["spec"]["containers"]
    assert container["resources"]["limits"][CARD] == "1"
    assert environment(release, pod["metadata"]["name"])["NVIDIA_VISIBLE_DEVICES"].startswith("GPU-")
    for component in OTHERS:
        assert environment(release, some_ready(release, component)[0])["NVIDIA_VISIBLE_DEVICES"] == "void"
    release.helm("rollback", "halftone")
    release.wait_for(lambda: not release.pods("compute-gpu"), "the pool is gone", 180)
    release.rolled_out(*OTHERS)
