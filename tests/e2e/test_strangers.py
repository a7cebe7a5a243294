"""Another person's dataset looks exactly like one that does not exist."""

import uuid

import pytest
from playwright.sync_api import BrowserContext, expect

from .product import Product
from .screen import sign_in

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="session")
def stranger(product: Product) -> tuple[str, str]:
    """E-mail and password of a person who was given nothing."""
    email, password = "stranger@halftone.local", "a stranger's long password"
    product.add_person(email, password)
    return email, password


def test_rest_answers_alike(product: Product, stranger: tuple[str, str]) -> None:
    with product.sign_in(*stranger) as web:
        assert web.get("/api/datasets/").json()["results"] == []
        for path in ("", "columns/", "versions/", "grant/"):
            foreign = web.get(f"/api/datasets/flights/{path}")
            missing = web.get(f"/api/datasets/no-such-set-{uuid.uuid4()}/{path}")
            assert foreign.status_code == missing.status_code == 404
            assert {**foreign.json(), "request_id": ""} == {**missing.json(), "request_id": ""}


def test_page_says_not_found(context: BrowserContext, product: Product, stranger: tuple[str, str]) -> None:
    page = context.new_page()
    sign_in(page, product.url, *stranger)
    with page.expect_response(lambda answer: "/api/datasets/flights" in answer.url) as seen:
        page.goto(f"{product.url}/d/flights")
    assert seen.value.status == 404
    expect(page.get_by_role("alert")).to_contain_text("There is no such dataset")


def test_socket_says_unknown_dataset(context: BrowserContext, product: Product, stranger: tuple[str, str]) -> None:
    page = context.new_page()
    sign_in(page, product.url, *stranger)
    page.goto(f"{product.url}/d/flights/explore")
    expect(page.get_by_text("no such dataset", exact=False).first).to_be_visible()
    expect(page.get_by_text("delay", exact=True)).to_have_count(0)
