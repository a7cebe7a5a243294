"""HTTPS as deploy/compose/compose.tls.yaml adds it."""

import re
import ssl
from pathlib import Path

import httpx2
from cryptography.hazmat.primitives.asymmetric import ec

from deploy.kustomize.make_secrets import certificate, pem
from tests.e2e.product import free_ports

from .conftest import running
from .rig import PATIENCE_S, SOURCES, Edge


def test_services_are_told_that_it_was_https(dist: Path, service: str, nowhere: str) -> None:
    plain, secure = free_ports(2)
    text = (SOURCES / "listen-tls.conf").read_text()
    for wanted, port in ((3000, plain), (3443, secure)):
        text, count = re.subn(rf"listen {wanted}\b", f"listen 127.0.0.1:{port}", text)
        assert count == 1
    edge = Edge(dist, {"auth": service, "gateway": nowhere}, listen=text, port=plain)
    key = ec.generate_private_key(ec.SECP256R1())
    tls = edge.folder / "etc" / "tls"
    tls.mkdir()
    (tls / "tls.crt").write_text(certificate("localhost", key, key))
    (tls / "tls.key").write_text(pem(key))
    trusting = ssl.create_default_context()
    # The certificate is its own authority: what is asked here is what nginx passes on.
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    with running(edge), httpx2.Client(verify=trusting, timeout=PATIENCE_S) as client:
        claim = {"X-Forwarded-Proto": "http"}
        seen = client.get(f"https://localhost:{secure}/api/me/", headers=claim).json()["headers"]
        assert (seen["x-forwarded-proto"], seen["host"]) == ("https", f"localhost:{secure}")
        assert client.get(f"{edge.url}/healthz").is_success
