"""Files in, versions out: the good, the bad and the interrupted, through the real worker."""

import io
from collections.abc import Callable
from typing import Any

import httpx2
import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import FilePayload, Page, expect

from .product import Product, wait_until

pytestmark = pytest.mark.e2e

ENDED = {"published", "failed", "cancelled"}


def start_import(web: httpx2.Client, name: str, content: bytes, slug: str) -> dict[str, Any]:
    """Upload `content` as file `name` and ask for its import as dataset `slug`; return the job."""
    upload = web.post("/api/uploads/", files={"file": (name, content)}).raise_for_status().json()
    asked = web.post("/api/imports/", json={"upload": upload["id"], "slug": slug, "title": slug})
    job: dict[str, Any] = asked.raise_for_status().json()
    return job


def job_of(web: httpx2.Client, job_id: str) -> dict[str, Any]:
    """Return the job as it stands."""
    job: dict[str, Any] = web.get(f"/api/jobs/{job_id}/").raise_for_status().json()
    return job


def wait_for_job(
    web: httpx2.Client, job_id: str, reached: Callable[[dict[str, Any]], bool], seconds: float = 120
) -> dict[str, Any]:
    """Wait until `reached` holds of the job and return it."""

    def look() -> dict[str, Any] | None:
        job = job_of(web, job_id)
        return job if reached(job) else None

    job = wait_until(look, "the job", seconds)
    assert job is not None
    return job


def start_until(web: httpx2.Client, slug: str, early: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Start imports of many rows until `early` holds of one; on a machine that paused the first may have ended by then.

    The job as it was asked for; its dataset is called after `slug`.
    """
    content = many_rows(2_000_000)
    for number in range(5):
        job = start_import(web, "rows.csv", content, f"{slug}-{number}")
        if early(job):
            return job
    raise AssertionError("every import had ended before its next step")


def many_rows(count: int) -> bytes:
    """Return a CSV of `count` rows of x, y and a name."""
    numbers = np.arange(count)
    table = pd.DataFrame({"x": numbers * 0.5, "y": numbers % 1000, "name": np.where(numbers % 3, "a", "b")})
    return table.to_csv(index=False).encode()


def corrupt_parquet() -> bytes:
    """Return a Parquet file whose middle was cut out."""
    whole = io.BytesIO()
    pd.DataFrame({"x": np.arange(10_000) * 1.5}).to_parquet(whole)
    content = whole.getvalue()
    return content[: len(content) // 2]


BAD_FILES = {
    "empty.csv": (b"", "empty_file"),
    "ragged.csv": (b"x,y\n1,2\n3\n4,5\n", "ragged_row"),
    "wide.csv": (",".join(f"c{i}" for i in range(3000)).encode() + b"\n" + b"1," * 2999 + b"1\n", "too_many_columns"),
    "cut.parquet": (corrupt_parquet(), "corrupt_parquet"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_bad_file_fails_by_name_and_the_next_import_works(product: Product, name: str) -> None:
    content, code = BAD_FILES[name]
    slug = name.replace(".", "-")
    with product.sign_in() as web:
        upload = web.post("/api/uploads/", files={"file": (name, content)})
        if upload.status_code >= 400:
            assert upload.json()["code"] == code
            return
        asked = web.post("/api/imports/", json={"upload": upload.json()["id"], "slug": slug, "title": slug})
        if asked.status_code < 400:
            job = wait_for_job(web, asked.json()["id"], lambda job: job["state"] in ENDED)
            assert (job["state"], job["error"]["code"]) == ("failed", code)
        else:
            assert asked.json()["code"] == code
        good = start_import(web, "good.csv", many_rows(10), f"after-{slug}")
        assert wait_for_job(web, good["id"], lambda job: job["state"] in ENDED)["state"] == "published"


def test_killed_worker_is_replaced_and_one_version_published(product: Product) -> None:
    with product.sign_in() as web:

        def runs(job: dict[str, Any]) -> bool:
            return bool(wait_for_job(web, job["id"], lambda job: job["state"] != "queued")["state"] == "running")

        job = start_until(web, "killed-worker", runs)
        killed = product.kill("worker")
        ended = wait_for_job(web, job["id"], lambda job: job["state"] in ENDED)
        assert ended["state"] == "published"
        versions = web.get(f"/api/datasets/{job['dataset']}/versions/").raise_for_status().json()
        assert [version["rows"] for version in versions] == [2_000_000]
    wait_until(lambda: product.pid("worker") not in (None, killed), "a new worker")
    wait_until(lambda: product.is_ready("worker"), "a ready worker")


def test_columns_that_cannot_be_held_are_named(product: Product) -> None:
    table = io.BytesIO()
    pd.DataFrame({"x": [1.5, 2.5], "tags": [["a"], ["b", "c"]]}).to_parquet(table)
    with product.sign_in() as web:
        job = start_import(web, "nested.parquet", table.getvalue(), "nested")
        ended = wait_for_job(web, job["id"], lambda job: job["state"] in ENDED)
        assert (ended["state"], [column["name"] for column in ended["skipped"]]) == ("published", ["tags"])


def test_cancelled_import_leaves_nothing(product: Product) -> None:
    with product.sign_in() as web:

        def cancelled(job: dict[str, Any]) -> bool:
            answer = web.post(f"/api/jobs/{job['id']}/cancel/")
            return answer.status_code != 409 and answer.raise_for_status().is_success

        job = start_until(web, "cancelled", cancelled)
        assert wait_for_job(web, job["id"], lambda job: job["state"] in ENDED)["state"] == "cancelled"
        assert web.get(f"/api/datasets/{job['dataset']}/").status_code == 404


def test_a_person_uploads_watches_and_explores(page: Page, product: Product) -> None:
    page.goto(f"{product.url}/datasets/new")
    rows: FilePayload = {"name": "points.csv", "mimeType": "text/csv", "buffer": many_rows(50_000)}
    page.locator("input[type=file]").first.set_input_files(rows)
    page.get_by_role("button", name="Import", exact=True).click()
    link = page.get_by_role("link", name="Explore")
    expect(link).to_be_visible(timeout=120_000)
    link.click()
    wait_until(lambda: page.evaluate("() => window.halftone?.status?.()?.status === 'exact'"), "an exact frame")
