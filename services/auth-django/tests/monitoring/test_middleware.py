import pytest
from prometheus_client import REGISTRY
from rest_framework.test import APIClient

pytestmark = pytest.mark.django_db


def count(name: str, route: str) -> float:
    labels = {"route": route, "method": "GET"}
    return REGISTRY.get_sample_value(f"halftone_auth_{name}", labels) or 0.0


def test_a_request_s_database_work_is_counted_under_its_route(api: APIClient) -> None:
    route = "api/datasets/<str:slug>/"
    before = [count(name, route) for name in ("database_queries_count", "database_queries_sum", "database_seconds_sum")]
    api.get("/api/datasets/flights/")
    after = [count(name, route) for name in ("database_queries_count", "database_queries_sum", "database_seconds_sum")]
    assert after[0] == before[0] + 1
    assert after[1] == before[1] + 2
    assert after[2] > before[2]


def test_unknown_paths_make_no_label(anonymous: APIClient) -> None:
    anonymous.get("/made-up-path")
    routes = {
        sample.labels["route"]
        for family in REGISTRY.collect()
        if family.name == "halftone_auth_database_queries"
        for sample in family.samples
    }
    assert not any("made-up" in route for route in routes)
