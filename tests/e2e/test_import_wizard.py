"""Before an import: a person sees how a file is read and corrects it, and the next file is read the same way."""

import re

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from .product import Product
from .screen import settle

pytestmark = pytest.mark.e2e

LINES = [
    "Export of a scale",
    "Ort;Menge;t;Notiz",
    *(f"{'Basel' if n % 3 else 'Bern'};{n},5;{1_700_000_000 + n};-" for n in range(200)),
    "Basel;viel;1700000200;-",
    "Bern;-9999;1700000201;-",
]


def upload(page: Page, name: str, lines: list[str]) -> None:
    """Choose a file on the page of imports, and wait until its preview is there."""
    rows: FilePayload = {"name": name, "mimeType": "text/csv", "buffer": "\n".join(lines).encode()}
    page.locator("input[type=file]").first.set_input_files(rows)
    expect(page.get_by_role("status").filter(has_text="columns.")).to_be_visible(timeout=120_000)


def column_of(page: Page, source: str) -> Locator:
    """Return the fields of one column of the file."""
    return page.get_by_role("listitem", name=source, exact=True)


def import_it(page: Page) -> None:
    """Press Import, and wait until its dataset can be explored."""
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("link", name="Explore")).to_be_visible(timeout=120_000)


def test_a_reading_is_seen_corrected_kept_and_used_again(page: Page, product: Product) -> None:
    page.goto(f"{product.url}/datasets/new")
    upload(page, "scale.csv", LINES)
    expect(page.get_by_label("Cells are divided by")).to_have_value(";")
    expect(page.get_by_label("Decimal mark")).to_have_value(",")
    expect(page.get_by_label("Lines above the header")).to_have_value("1")
    expect(page.get_by_role("list", name="Cells of Menge that cannot be read")).to_contain_text("line 203: viel")
    expect(page.get_by_role("img", name=re.compile("^Picture of"))).to_be_visible()

    column_of(page, "Menge").get_by_label("Name").fill("mass")
    column_of(page, "Menge").get_by_label("Unit").fill("kg")
    column_of(page, "Menge").get_by_label("Also missing").fill("-9999")
    column_of(page, "t").get_by_label("Type").select_option("time")
    column_of(page, "t").get_by_label("Format").fill("epoch_s")
    column_of(page, "Notiz").get_by_label("Leave out").check()
    expect(page.get_by_role("columnheader", name="mass (kg)")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("cell", name="2023-11-14T22:13:20Z")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("columnheader", name="Notiz")).to_have_count(0)
    import_it(page)

    page.get_by_role("link", name="Explore").click()
    settle(page)
    with product.sign_in() as web:
        slug = page.url.split("/d/")[1].split("/")[0]
        body = web.get(f"/api/datasets/{slug}/columns/").raise_for_status().json()
    assert body["unreadable"]["mass"]["count"] == 1
    columns = {column["name"]: column for column in body["columns"]}
    assert set(columns) == {"Ort", "mass", "t"}
    mass = columns["mass"]
    assert (mass["unit"], mass["min"], mass["max"]) == ("kg", 0.5, 199.5)

    page.goto(f"{product.url}/d/{slug}?tab=versions")
    page.get_by_role("button", name="How version 1 was read").click()
    expect(page.get_by_text("mass", exact=False).first).to_be_visible()

    page.goto(f"{product.url}/datasets/new?dataset={slug}")
    upload(page, "scale-2.csv", LINES)
    expect(column_of(page, "Menge").get_by_label("Name")).to_have_value("mass")
    expect(column_of(page, "Menge").get_by_label("Also missing")).to_have_value("-9999")
    expect(column_of(page, "Notiz").get_by_label("Leave out")).to_be_checked()
    import_it(page)
    with product.sign_in() as web:
        again = web.get(f"/api/datasets/{slug}/columns/").raise_for_status().json()
    assert {column["name"] for column in again["columns"]} == set(columns)
    assert again["version"]["number"] == 2


def test_a_file_with_nothing_to_draw_says_so_before_the_import(page: Page, product: Product) -> None:
    page.goto(f"{product.url}/datasets/new")
    upload(page, "names.csv", ["first,second", *(f"a{n % 7},b{n % 5}" for n in range(50))])
    expect(page.get_by_text("There is nothing to draw yet")).to_be_visible()
