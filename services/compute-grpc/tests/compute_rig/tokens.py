"""Signs grants with a real key and serves the public half over HTTP, as the auth service does."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from typing_extensions import override

if TYPE_CHECKING:
    from typing import Self

DATASET = "0191f6a0-0000-7000-8000-00000000000d"
VERSION = "0191f6a0-0000-7000-8000-00000000000e"


class Signer:
    """One ES256 key under a key id."""

    def __init__(self, kid: str = "k1") -> None:
        self.kid = kid
        self.key = ec.generate_private_key(ec.SECP256R1())

    def grant(self, *, typ: str = "halftone-grant+jwt", lifetime: float = 300, **claims: object) -> str:
        now = time.time()
        body = {
            "iss": "halftone",
            "aud": "halftone-compute",
            "sub": "0191f6a0-0000-7000-8000-000000000001",
            "iat": int(now) - 60,
            "exp": int(now + lifetime),
            "dataset": DATASET,
            "version": VERSION,
            "manifest": f"datasets/{DATASET}/versions/{VERSION}/1/manifest.json",
            "columns": ["*"],
            "policy": None,
            "policy_hash": "0" * 64,
            "purpose": "view",
            **claims,
        }
        return jwt.encode(body, self.key, algorithm="ES256", headers={"kid": self.kid, "typ": typ})

    def jwk(self) -> dict[str, object]:
        public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key()))
        return {**public, "kid": self.kid, "use": "sig", "alg": "ES256"}


class JwksServer:
    """`/.well-known/jwks.json` on a free port of this machine."""

    def __init__(self, *signers: Signer) -> None:
        document = json.dumps({"keys": [signer.jwk() for signer in signers]}).encode()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200 if self.path == "/.well-known/jwks.json" else 404)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(document)))
                self.end_headers()
                self.wfile.write(document)

            @override
            def log_message(self, format: str, *args: object) -> None:
                """Keeps quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
