"""The references of both REST interfaces show every operation of their schemas in a browser."""

import pytest
from playwright.sync_api import BrowserContext, Page, Request, expect

from .product import Product

pytestmark = pytest.mark.e2e

METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
# The page, the schema that it shows, and an operation with a text of its own.
REFERENCES = [
    ("/api/docs/", "/api/schema/?format=json", ("PATCH", "/api/datasets/{slug}/"), "If-Match"),
    ("/compute/docs", "/compute/openapi.json", ("GET", "/compute/kinds"), "if-none-match"),
]


@pytest.fixture
def tab(context: BrowserContext, product: Product) -> Page:
    """A page of a person who has not signed in; the test fails when it logs an error or asks another host."""
    page = context.new_page()

    def stay(request: Request) -> None:
        assert request.url.startswith((product.url, "data:", "blob:")), request.url

    page.on("request", stay)
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.on("console", lambda message: pytest.fail(message.text) if message.type == "error" else None)
    return page


@pytest.mark.parametrize(("path", "schema", "operation", "parameter"), REFERENCES, ids=["auth", "gateway"])
def test_every_operation_is_visible(
    tab: Page, product: Product, path: str, schema: str, operation: tuple[str, str], parameter: str
) -> None:
    document = tab.request.get(product.url + schema).json()
    wanted = {
        (method.upper(), route) for route, ways in document["paths"].items() for method in ways if method in METHODS
    }
    assert operation in wanted
    tab.goto(product.url + path)
    blocks = tab.locator(".opblock")
    expect(blocks).to_have_count(len(wanted))
    shown = {
        (block.locator(".opblock-summary-method").inner_text(), str(summary.get_attribute("data-path")))
        for block in blocks.all()
        if (summary := block.locator(".opblock-summary-path")).is_visible()
    }
    assert shown == wanted

    method, route = operation
    block = blocks.filter(has=tab.locator(f'.opblock-summary-path[data-path="{route}"]')).filter(has_text=method)
    block.locator(".opblock-summary-control").click()
    expect(block.locator(f'tr[data-param-name="{parameter}"]')).to_be_visible()
