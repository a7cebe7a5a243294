"""A small auth service over real HTTP: JWKS, grants and events, with real ES256 keys."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID, uuid4, uuid5

import jwt
import uvicorn
from cryptography.hazmat.primitives.asymmetric import ec
from google.protobuf import json_format
from halftone_views import ColumnInfo
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway_rig.serving import serving

SERVICE_TOKEN = "service-secret"
NAMESPACE = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
COLUMNS = (
    ColumnInfo("distance", "number", "double", min=0.0, max=1024.0, typical_min=0.0, typical_max=1024.0),
    ColumnInfo("delay", "number", "double", min=0.0, max=1024.0, typical_min=0.0, typical_max=1024.0),
    ColumnInfo("carrier", "category", "string", distinct=2, categories=(("AA", 2), ("BB", 1))),
)


def uuid_of(name: str) -> str:
    """The same UUID for the same name."""
    return str(uuid5(NAMESPACE, name))


ANN = uuid_of("ann")
BOB = uuid_of("bob")


def opened() -> asyncio.Event:
    """A gate that holds nothing up."""
    gate = asyncio.Event()
    gate.set()
    return gate


@dataclass
class AuthServer:
    """Change its fields to change what it answers. `readers` maps a slug to who may read it."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    readers: dict[str, set[str]] = field(default_factory=lambda: {"flights": {ANN, BOB}, "secret": {BOB}})
    columns: list[str] = field(default_factory=lambda: ["*"])
    shown_columns: tuple[ColumnInfo, ...] = COLUMNS
    policy_hash: str = "0" * 64
    grant_seconds: float = 300.0
    down: bool = False
    events: list[dict[str, object]] = field(default_factory=list)
    # Whether `wait` is understood, and whether a request with it is held; the holds are ended by `emit`.
    knows_wait: bool = True
    # An auth service of the version before begins with the newest event, and does not say whether there are more.
    says_more: bool = True
    events_per_page: int = 1000
    holds: bool = False
    sees_own_events: bool = True
    held: set[asyncio.Event] = field(default_factory=set)
    # What a request for a grant waits for before its rights are decided, and before it is answered.
    may_decide: asyncio.Event = field(default_factory=opened)
    may_answer: asyncio.Event = field(default_factory=opened)
    decided: int = 0
    grant_calls: int = 0
    jwks_calls: int = 0
    event_calls: int = 0
    url: str = ""

    def access(
        self, subject: str = ANN, session: str = "s1", client: str = "api", seconds: float = 300.0, version: int = 1
    ) -> str:
        """An access token."""
        now = time.time()
        claims = {
            "iss": "halftone",
            "aud": "halftone",
            "sub": subject,
            "sid": session,
            "jti": str(uuid4()),
            "iat": now,
            "exp": now + seconds,
            "cl": client,
            "ver": version,
            "token_type": "access",
        }
        return self.sign(claims, "at+jwt")

    def sign(self, claims: Mapping[str, object], typ: str, key: ec.EllipticCurvePrivateKey | None = None) -> str:
        """A JWT under the key of this server, or under another key with the same id."""
        return jwt.encode(dict(claims), key or self.key, algorithm="ES256", headers={"kid": "k1", "typ": typ})

    def emit(self, kind: str, **values: object) -> None:
        """Adds an event."""
        self.events.append({"id": len(self.events) + 1, "kind": kind, **values})
        if self.sees_own_events:
            for hold in self.held:
                hold.set()

    @asynccontextmanager
    async def serve(self) -> AsyncIterator["AuthServer"]:
        routes = [
            Route("/.well-known/jwks.json", self._jwks),
            Route("/api/datasets/{slug}/grant/", self._grant),
            Route("/api/internal/events/", self._events),
        ]
        # A connection that is kept for long does not end in the moment of the next request.
        config = uvicorn.Config(
            Starlette(routes=routes), port=0, log_config=None, access_log=False, lifespan="off", timeout_keep_alive=600
        )
        async with serving(uvicorn.Server(config)) as port:
            self.url = f"http://127.0.0.1:{port}"
            try:
                yield self
            finally:
                # The server stops when it has answered.
                self.holds = False
                for hold in self.held:
                    hold.set()

    async def _jwks(self, _request: Request) -> Response:
        self.jwks_calls += 1
        jwk = jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return JSONResponse({"keys": [{**jwk, "kid": "k1", "alg": "ES256", "use": "sig"}]})

    async def _grant(self, request: Request) -> Response:
        self.grant_calls += 1
        await self.may_decide.wait()
        answer = self._decide(request)
        self.decided += 1
        await self.may_answer.wait()
        return answer

    def _decide(self, request: Request) -> Response:
        if self.down:
            return JSONResponse({"code": "internal"}, status_code=503)
        token = request.headers["authorization"].removeprefix("Bearer ")
        subject = jwt.decode(token, options={"verify_signature": False})["sub"]
        slug = request.path_params["slug"]
        if subject not in self.readers.get(slug, set()):
            return JSONResponse({"code": "not_found", "field": "", "detail": "", "request_id": "r"}, status_code=404)
        version = request.query_params.get("version") or uuid_of(f"{slug}/1")
        return JSONResponse(
            {
                "grant": self.grant(subject, slug, version),
                "expires_in": self.grant_seconds,
                "dataset": {"id": uuid_of(slug), "slug": slug, "title": slug},
                "version": {"version_id": version, "number": 1, "rows": 3},
                "columns": [json_format.MessageToDict(column.to_proto()) for column in self.shown_columns],
            }
        )

    def grant(self, subject: str, slug: str, version: str) -> str:
        """A grant token."""
        now = time.time()
        claims = {
            "iss": "halftone",
            "aud": "halftone-compute",
            "sub": subject,
            "iat": now,
            "exp": now + self.grant_seconds,
            "dataset": uuid_of(slug),
            "version": version,
            "manifest": f"datasets/{slug}/manifest.json",
            "columns": self.columns,
            "policy": None,
            "policy_hash": self.policy_hash,
            "purpose": "view",
        }
        return self.sign(claims, "halftone-grant+jwt")

    async def _events(self, request: Request) -> Response:
        self.event_calls += 1
        if request.headers["authorization"] != f"Bearer {SERVICE_TOKEN}" or self.down:
            return JSONResponse({"code": "forbidden"}, status_code=403)
        after = request.query_params.get("after")
        if wait := request.query_params.get("wait"):
            if not self.knows_wait:
                return JSONResponse({"code": "unknown_field"}, status_code=400)
            if self.holds and int(after or 0) == len(self.events):
                await self._hold(float(wait))
        # Every event of a test is recent.
        start = int(after or 0)
        end = start if after is None else min(len(self.events), start + self.events_per_page)
        answer = {"cursor": max(end, start), "more": end < len(self.events), "events": self.events[start:end]}
        return JSONResponse(answer if self.says_more else {"cursor": len(self.events), "events": answer["events"]})

    async def _hold(self, seconds: float) -> None:
        ended = asyncio.Event()
        self.held.add(ended)
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await ended.wait()
        finally:
            self.held.discard(ended)
