"""A large upload that its tab leaves half sent, and that another tab finishes; several files as one dataset."""

import base64
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Page, Request, Route, expect

from .product import Product, wait_until

pytestmark = pytest.mark.e2e

PART = 16 << 20
ROWS = 7_000_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A CSV of 77 MB: five parts."""
    path = tmp_path / "large.csv"
    block = "".join(f"{row % 1000:04},{row % 97:05}\n" for row in range(100_000))
    path.write_text("x,y\n" + block * (ROWS // 100_000))
    return path


def test_another_tab_finishes_an_upload(page: Page, product: Product, file: Path) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        """Two parts of five go; the third stays on its way."""
        if int(route.request.headers.get("upload-offset", 0)) >= 2 * PART:
            held.append(route)
        else:
            route.continue_()

    page.route("**/api/uploads/*/", hold)
    page.goto(f"{product.url}/datasets/new")
    page.locator("input[type=file]").first.set_input_files(file)
    expect(page.get_by_role("heading", name="Uploading")).to_be_visible(timeout=60_000)

    def is_held() -> bool:
        # Routes are called while the page is asked something.
        page.title()
        return bool(held)

    wait_until(is_held, "the third part")
    expect(page.get_by_role("progressbar", name="Upload progress")).to_be_visible()
    other = page.context.new_page()
    page.close()

    sent: list[tuple[str, int, str]] = []

    def note(request: Request) -> None:
        if "/api/uploads/" in request.url and request.method in ("POST", "PATCH"):
            headers = request.headers
            sent.append((request.method, int(headers.get("upload-offset", -1)), headers.get("upload-checksum", "")))

    other.on("request", note)
    other.goto(f"{product.url}/datasets/new")
    expect(other.get_by_text("large.csv (77 MB) is not sent whole")).to_be_visible(timeout=60_000)
    other.locator("input[type=file]").first.set_input_files(file)
    other.get_by_role("button", name="Import", exact=True).click(timeout=120_000)
    parts = [(offset, checksum.split()[0]) for method, offset, checksum in sent if method == "PATCH"]
    assert parts == [(number * PART, "sha256") for number in (2, 3, 4)]
    expect(other.get_by_role("link", name="Explore")).to_be_visible(timeout=240_000)
    with product.sign_in() as web:
        newest = web.get("/api/datasets/large/").raise_for_status().json()["version"]
        assert newest["rows"] == ROWS


DROP = """([zone, files]) => {
  const transfer = new DataTransfer();
  for (const [name, text] of files)
    transfer.items.add(new File([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))], name));
  for (const type of ["dragenter", "dragover", "drop"])
    zone.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
}"""


def test_three_dropped_parts_are_one_dataset(page: Page, product: Product) -> None:
    files = []
    for number, rows in ((2, 300), (1, 200), (3, 500)):
        sink = pa.BufferOutputStream()
        pq.write_table(pa.table({"x": range(rows), "y": [number + row * 0.5 for row in range(rows)]}), sink)
        files.append((f"dropped-{number}.parquet", base64.b64encode(sink.getvalue().to_pybytes()).decode()))
    page.goto(f"{product.url}/datasets/new")
    page.get_by_text("Drop files here").wait_for(timeout=60_000)
    zone = page.locator(".mantine-Dropzone-root").element_handle()
    page.evaluate(DROP, [zone, files])
    expect(page.get_by_role("heading", name="dropped", exact=True)).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Import", exact=True).click(timeout=120_000)
    expect(page.get_by_role("link", name="Explore")).to_be_visible(timeout=120_000)
    with product.sign_in() as web:
        newest = web.get("/api/datasets/dropped/").raise_for_status().json()["version"]
        assert newest["rows"] == 1_000
