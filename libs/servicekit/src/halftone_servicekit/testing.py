"""A real issuer for the tests of every tier: it signs tokens and serves its public keys over HTTP."""

import json
import socket
import threading
import time
import uuid
from collections.abc import Mapping
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from typing_extensions import override

from halftone_servicekit.tokens import ACCESS_AUDIENCE, ACCESS_TYP, GRANT_AUDIENCE, GRANT_TYP

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def public_jwk(key: PrivateKey, kid: str) -> dict[str, object]:
    """The public half as an entry of a JWKS document."""
    if isinstance(key, rsa.RSAPrivateKey):
        public = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
        return {**public, "kid": kid, "use": "sig", "alg": "RS256"}
    return {**jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig"}


def sign(claims: Mapping[str, object], key: PrivateKey, header: Mapping[str, object]) -> str:
    """A token; `alg` is that of the key unless the header names one. Whatever is None is left out."""
    headers = {"typ": None, **_given(header)}
    alg = headers.pop("alg", "RS256" if isinstance(key, rsa.RSAPrivateKey) else "ES256")
    return jwt.encode(_given(claims), key, algorithm=str(alg), headers=headers)


def access_claims(now: float | None = None) -> dict[str, object]:
    """Claims of a good access token."""
    return {
        **_common(now, ACCESS_AUDIENCE),
        "sid": str(uuid.uuid4()),
        "jti": str(uuid.uuid4()),
        "cl": "web",
        "ver": 1,
        "token_type": "access",
    }


def grant_claims(now: float | None = None) -> dict[str, object]:
    """Claims of a good grant of every column."""
    return {
        **_common(now, GRANT_AUDIENCE),
        "dataset": str(uuid.uuid4()),
        "version": str(uuid.uuid4()),
        "manifest": "datasets/d/versions/v/1/manifest.json",
        "columns": ["*"],
        "policy": None,
        "policy_hash": "ab" * 32,
        "purpose": "view",
    }


def _common(now: float | None, audience: str) -> dict[str, object]:
    issued = time.time() if now is None else now
    return {"iss": "halftone", "aud": audience, "sub": str(uuid.uuid4()), "iat": issued, "exp": issued + 300}


def _given(members: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in members.items() if value is not None}


class Issuer:
    """Serves `keys` at `url` from a thread and counts the `fetches`; `status`, `body` and `gate` make it fail or hang.

    `access` and `grant` sign tokens with its first key. A context manager: it listens inside the block.
    """

    def __init__(self, key: PrivateKey | None = None) -> None:
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        self.kid = "k1"
        self.keys: list[dict[str, object]] = [public_jwk(self.key, self.kid)]
        self.fetches = 0
        self.asked = threading.Event()
        self.status = 200
        self.body: bytes | None = None
        self.gate = threading.Event()
        self.gate.set()
        self._server = _Server(self)
        self.url = f"http://127.0.0.1:{self._server.server_port}/.well-known/jwks.json"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def access(self, **changes: object) -> str:
        """A good access token issued now, but for the changes of its claims."""
        return sign({**access_claims(), **changes}, self.key, {"typ": ACCESS_TYP, "kid": self.kid})

    def grant(self, **changes: object) -> str:
        """A good grant issued now, but for the changes of its claims."""
        return sign({**grant_claims(), **changes}, self.key, {"typ": GRANT_TYP, "kid": self.kid})

    def __enter__(self) -> "Issuer":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.gate.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)


class _Server(ThreadingHTTPServer):
    def __init__(self, issuer: Issuer) -> None:
        super().__init__(("127.0.0.1", 0), partial(_Handler, issuer))

    @override
    def handle_error(self, request: object, client_address: object) -> None:
        """A client that left before its answer is no error."""


class _Handler(BaseHTTPRequestHandler):
    def __init__(
        self, issuer: Issuer, request: socket.socket, client_address: object, server: ThreadingHTTPServer
    ) -> None:
        self.issuer = issuer
        super().__init__(request, client_address, server)

    def do_GET(self) -> None:
        issuer = self.issuer
        issuer.fetches += 1
        issuer.asked.set()
        issuer.gate.wait(20)
        body = json.dumps({"keys": issuer.keys}).encode() if issuer.body is None else issuer.body
        self.send_response(issuer.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""
