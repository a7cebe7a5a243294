"""The site.conf of each installation is one that nginx starts with, and does what it says."""

import subprocess
from pathlib import Path

import httpx2
import yaml
from halftone_auth.config.environment import AuthSettings

from tests.cluster.tools import program
from tests.e2e.product import ROOT

from .conftest import running
from .rig import PATIENCE_S, SOURCES, Edge, get

MIB = 1 << 20


def test_the_images_own_starts_while_no_name_resolves(dist: Path) -> None:
    """Docker's resolver does not answer here, as when no container of a service runs."""
    text = (SOURCES / "site.conf").read_text()
    assert "resolver 127.0.0.11 " in text
    # nginx gives up on a resolver after 30 s.
    with running(Edge(dist, f"{text}resolver_timeout 2s;\n")) as edge:
        answer = get(f"{edge.url}/api/me/")
        assert (answer.status_code, answer.json()["code"]) == (502, "auth_unavailable")
        assert get(edge.url).is_success


def test_the_images_own_is_as_large_as_auths_default() -> None:
    default = AuthSettings.model_fields["upload_max_bytes"].default
    assert f"client_max_body_size {default // MIB + 1}m;" in (SOURCES / "site.conf").read_text()


def test_the_charts(dist: Path, service: str) -> None:
    text = chart_site("--set", "auth.uploadMax=2Mi", "--set", "trustedProxies={127.0.0.0/8,fd00::/8}")
    assert "server halftone-auth:8000;" in text
    assert "server halftone-gateway:8001;" in text
    here = text.replace("halftone-auth:8000", service).replace("halftone-gateway:8001", service)
    with running(Edge(dist, here)) as edge:
        claim = {"X-Forwarded-For": "203.0.113.7"}
        seen = get(f"{edge.url}/api/me/", headers=claim).json()
        assert seen["headers"]["x-forwarded-for"] == "203.0.113.7, 127.0.0.1"
        assert get(f"{edge.url}/compute/kinds").json()["target"] == "/compute/kinds"
        sizes = {
            size: httpx2.post(f"{edge.url}/api/uploads/", content=b"x" * size, timeout=PATIENCE_S).status_code
            for size in (3 * MIB, 3 * MIB + 1)
        }
        assert list(sizes.values()) == [200, 413]


def chart_site(*arguments: str) -> str:
    """site.conf as the chart renders it."""
    command = [str(program("helm")), "template", "halftone", str(ROOT / "deploy/helm/halftone"), *arguments]
    rendered = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    maps = [found for found in yaml.safe_load_all(rendered) if found and found["kind"] == "ConfigMap"]
    (text,) = [found["data"]["site.conf"] for found in maps if "site.conf" in found["data"]]
    return str(text)
