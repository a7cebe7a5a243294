import pytest
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

ORIGIN = "http://localhost:3000"
# Read on every route, so the schema names them nowhere.
EVERYWHERE = {"authorization", "content-type", "traceparent", "x-request-id"}


def preflight(anonymous: APIClient, origin: str) -> dict[str, str]:
    asked = {"Origin": origin, "Access-Control-Request-Method": "PATCH"}
    return dict(anonymous.options("/api/datasets/flights/", headers=asked).headers)


def headers_of_the_schema() -> set[str]:
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]  # drf-spectacular's
    paths = generator.get_schema(public=True)["paths"]  # type: ignore[no-untyped-call]  # drf-spectacular's
    parameters = [one for ways in paths.values() for way in ways.values() for one in way.get("parameters", ())]
    return {one["name"].lower() for one in parameters if one["in"] == "header"}


def test_pages_of_allowed_origins_may_send_every_header_that_is_read(anonymous: APIClient) -> None:
    named = headers_of_the_schema()
    assert {"if-match", "idempotency-key"} <= named
    answer = preflight(anonymous, ORIGIN)
    assert answer["access-control-allow-origin"] == ORIGIN
    assert named | EVERYWHERE <= set(answer["access-control-allow-headers"].split(", "))
    assert "PATCH" in answer["access-control-allow-methods"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:3000.evil.example"])
def test_pages_of_other_origins_may_send_nothing(anonymous: APIClient, origin: str) -> None:
    assert not any(name.startswith("access-control-allow") for name in preflight(anonymous, origin))
