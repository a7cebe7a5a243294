"""Imports of what lies in places that the operator has opened: a folder, and a prefix in object storage."""

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from halftone_servicekit.storage import StorageAddress, open_storage
from playwright.sync_api import Page, expect

from .product import Product

pytestmark = pytest.mark.e2e

PARTS, ROWS = 50, 1_000


def fill(opened: dict[str, StorageAddress], folder: str) -> None:
    """Write the parts of one table into a folder of every place."""
    for place in opened.values():
        storage = open_storage(place)
        for number in range(PARTS):
            rows = np.arange(ROWS)
            sink = pa.BufferOutputStream()
            pq.write_table(pa.table({"x": pa.array(rows + ROWS * number), "y": pa.array(np.sin(rows) * number)}), sink)
            writer = storage.open(f"{folder}/part-{number:02}.parquet")
            writer.write(sink.getvalue().to_pybytes())
            writer.commit()


def test_a_person_imports_a_folder_of_parts(page: Page, product: Product, opened: dict[str, StorageAddress]) -> None:
    fill(opened, "measured")
    labels = {"folder": "Folder: folder", "objects": "Object storage: objects"}
    for name in opened:
        page.goto(f"{product.url}/datasets/new")
        page.get_by_text(labels[name], exact=True).click()
        page.get_by_role("button", name="measured").click()
        expect(page.get_by_text("part-49.parquet")).to_be_attached()
        page.get_by_role("button", name="Import this folder as one dataset").click()
        page.get_by_label("Title").fill(f"Measured {name}")
        page.get_by_role("button", name="Import", exact=True).click(timeout=120_000)
        expect(page.get_by_role("link", name="Explore")).to_be_visible(timeout=120_000)
        with product.sign_in() as web:
            newest = web.get(f"/api/datasets/measured-{name}/").raise_for_status().json()["version"]
            assert newest["rows"] == PARTS * ROWS


def test_an_operator_imports_by_command(product: Product, opened: dict[str, StorageAddress]) -> None:
    fill(opened, "by-command")
    for name in opened:
        done = command(product, "--source", f"{name}/by-command", "--slug", f"command-{name}")
        assert done.returncode == 0, done.stderr
        assert f"{PARTS * ROWS:,} rows are in command-{name}." in done.stdout
        storage = open_storage(opened[name])
        writer = storage.open("by-command/part-50.parquet")
        sink = pa.BufferOutputStream()
        pq.write_table(pa.table({"x": ["text"]}), sink)
        writer.write(sink.getvalue().to_pybytes())
        writer.commit()
        odd = command(product, "--source", f"{name}/by-command", "--slug", f"odd-{name}")
        assert odd.returncode == 1
        assert "type_mismatch" in odd.stderr
        assert "part-50.parquet" in odd.stderr
        gone = command(product, "--source", f"{name}/../secret", "--slug", f"gone-{name}")
        assert (gone.returncode, "not_found" in gone.stderr) == (1, True)


def command(product: Product, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `import_file` as an operator does."""
    words = [sys.executable, "-m", "halftone_auth", "import_file", *arguments, "--title", "By command"]
    return subprocess.run(words, env=product.service_environment, capture_output=True, text=True, timeout=300)
