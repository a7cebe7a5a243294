"""From outside to the edge: a port of this machine's loopback that is port 443 of the cluster's address."""

import base64
import hashlib
import ssl
from pathlib import Path

import httpx2
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from typing_extensions import override

from tests.cluster.bridge import Bridge
from tests.cluster.controlplane import ControlPlane


class WayIn:
    """How clients of this machine reach https://`host` of the cluster, with the certificate checked."""

    def __init__(self, plane: ControlPlane, host: str) -> None:
        self.host, self.url = host, f"https://{host}"
        self.certificate, self.authority = plane.pki.crt("edge"), plane.pki.crt("ca")
        self.bridge = Bridge(plane.namespace.path, (plane.address, 443))

    def client(self, token: str = "") -> httpx2.Client:
        """Return a REST client; close it."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx2.Client(base_url=self.url, transport=_Through(self), headers=headers, timeout=120)

    def sign_in(self, email: str, password: str) -> httpx2.Client:
        """Return a REST client that carries an access token; close it."""
        with self.client() as anyone:
            answer = anyone.post("/api/token/", json={"email": email, "password": password})
        return self.client(answer.raise_for_status().json()["access"])

    def chromium_arguments(self) -> list[str]:
        """Chromium's options: where the host is, and that this certificate (no other) may be of an unknown CA."""
        return [
            f"--host-resolver-rules=MAP {self.host}:443 127.0.0.1:{self.bridge.port}",
            f"--ignore-certificate-errors-spki-list={_key_hash(self.certificate)}",
        ]


class _Through(httpx2.HTTPTransport):
    """Connects to the way in, and asks for the host there."""

    def __init__(self, way: WayIn) -> None:
        super().__init__(verify=ssl.create_default_context(cafile=str(way.authority)))
        self.way = way

    @override
    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request."""
        request.extensions = {**request.extensions, "sni_hostname": self.way.host}
        request.url = request.url.copy_with(host="127.0.0.1", port=self.way.bridge.port)
        return super().handle_request(request)


def _key_hash(certificate: Path) -> str:
    key = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    return base64.b64encode(
        hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
    ).decode()
