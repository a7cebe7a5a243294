"""At rest the programs wait for each other, and do not ask."""

import time

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from .product import Product

pytestmark = pytest.mark.e2e

# The gateway's request for events is answered every 25 s, a worker's claim every 10 s.
SECONDS = 8.0
MOST = 3


def requests(product: Product) -> float:
    """How many requests auth's internal API has answered."""
    text = httpx2.get(f"http://127.0.0.1:{product.ports['AUTH']}/metrics", timeout=60).raise_for_status().text
    families = {family.name: family for family in text_string_to_metric_families(text)}
    samples = families["halftone_auth_database_queries"].samples
    counts = [sample for sample in samples if sample.name.endswith("_count")]
    return sum(sample.value for sample in counts if sample.labels["route"].startswith("api/internal/"))


def test_nothing_asks_auth_each_second(product: Product) -> None:
    before, started = requests(product), time.monotonic()
    while time.monotonic() - started < SECONDS:
        httpx2.get(f"{product.url}/", timeout=60)
    assert requests(product) - before <= MOST
