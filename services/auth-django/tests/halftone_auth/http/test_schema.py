from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from rest_framework.test import APIClient

pytestmark = pytest.mark.django_db


def test_the_schema_is_valid_and_complete(tmp_path: Path) -> None:
    target = tmp_path / "schema.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(target))
    schema = yaml.safe_load(target.read_text())
    assert len(schema["paths"]) >= 25
    upload = schema["paths"]["/api/uploads/"]["post"]["requestBody"]["content"]
    assert list(upload) == ["multipart/form-data"]
    assert schema["paths"]["/api/token/"]["post"].get("security", [{}]) == [{}]
    assert schema["paths"]["/api/datasets/"]["get"]["security"] == [{"accessToken": []}]
    assert schema["paths"]["/api/internal/events/"]["get"]["security"] == [{"serviceToken": []}]


def test_the_reference_is_served_from_here(anonymous: APIClient) -> None:
    page = anonymous.get("/api/docs/").content.decode()
    assert "/api/static/drf_spectacular_sidecar/" in page
    assert "//cdn" not in page
    assert anonymous.get("/api/schema/").status_code == 200
    style = anonymous.get("/api/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui.css")
    assert style.status_code == 200
    assert style.headers["Content-Type"].startswith("text/css")
    assert b".swagger-ui" in style.content
