import hashlib
import hmac
import json
import time
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

import jwt
import pytest
from auth_rig.people import sign_in
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from halftone_servicekit.errors import HalftoneError
from halftone_servicekit.tokens import Jwks, TokenVerifier
from users.models import User
from users.tokens.issue import access_backend, refresh_backend
from users.tokens.keys import jwks, key_folder


async def fetch(_url: str) -> Mapping[str, object]:
    return jwks()


def claims(**changes: object) -> dict[str, Any]:
    now = int(time.time())
    base = {"sub": str(uuid.uuid4()), "jti": str(uuid.uuid4()), "iat": now, "exp": now + 300, "iss": "halftone"}
    return {**base, "aud": "halftone", "token_type": "access", **changes}


def signed(
    body: dict[str, Any], *, key: ec.EllipticCurvePrivateKey | None = None, alg: str = "ES256", **header: object
) -> str:
    own = key_folder().current(time.time())
    headers = {"kid": own.kid, "typ": "at+jwt", **header}
    return jwt.encode(body, own.private if key is None else key, algorithm=alg, headers=headers)


class StoppedClock:
    """Stands for `datetime` where tokens are read."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def now(self, tz: tzinfo) -> datetime:
        return datetime.fromtimestamp(self.seconds, tz)


def code_of(token: str) -> str:
    with pytest.raises(HalftoneError) as caught:
        access_backend().decode(token)
    return caught.value.code


def test_a_good_token_is_read() -> None:
    body = claims()
    assert access_backend().decode(signed(body))["sub"] == body["sub"]


@pytest.fixture
def issued(owner: User) -> dict[str, Any]:
    return {**sign_in(owner).data}


async def test_every_other_service_accepts_what_is_issued(issued: dict[str, Any]) -> None:
    verifier = TokenVerifier(Jwks("http://auth.example/jwks", fetch=fetch), "halftone")
    found = await verifier.verify_access(issued["access"])
    assert found.subject == issued["user"]["id"]
    assert found.client == "api"
    assert found.raw["ver"] == 1
    issued_at = found.raw["iat"]
    assert isinstance(issued_at, int)
    assert found.expires_at - issued_at == 300
    assert abs(issued_at - time.time()) < 60
    header = jwt.get_unverified_header(issued["access"])
    assert header == {"alg": "ES256", "kid": key_folder().current(time.time()).kid, "typ": "at+jwt"}
    with pytest.raises(HalftoneError, match="token_invalid"):
        await verifier.verify_access(issued["refresh"])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"aud": "halftone-compute"}, "token_invalid"),
        ({"iss": "somebody"}, "token_invalid"),
        ({"iat": "yesterday"}, "token_invalid"),
    ],
)
def test_claims_are_checked(changes: dict[str, Any], code: str) -> None:
    assert code_of(signed(claims(**changes))) == code


# Seconds from now: a parameter is made long before its test runs.
@pytest.mark.parametrize(
    ("claim", "seconds", "code"),
    [("exp", -60, "token_expired"), ("iat", 600, "token_not_yet_valid"), ("nbf", 600, "token_not_yet_valid")],
)
def test_times_are_checked(claim: str, seconds: int, code: str) -> None:
    assert code_of(signed(claims(**{claim: int(time.time()) + seconds}))) == code


@pytest.mark.parametrize("missing", ["sub", "jti", "iat", "exp", "aud", "iss"])
def test_no_claim_may_be_missing(missing: str) -> None:
    body = claims()
    del body[missing]
    assert code_of(signed(body)) == "token_invalid"


def test_ten_seconds_of_clock_difference_are_forgiven(monkeypatch: pytest.MonkeyPatch) -> None:
    body = claims()
    token = signed(body)
    monkeypatch.setattr("jwt.api_jwt.datetime", StoppedClock(body["exp"] + 9))
    assert access_backend().decode(token)
    monkeypatch.setattr("jwt.api_jwt.datetime", StoppedClock(body["exp"] + 10))
    assert code_of(token) == "token_expired"


def test_an_unsigned_token_is_refused() -> None:
    header, body, _ = signed(claims()).split(".")
    forged = json.loads(urlsafe_b64decode(header + "=="))
    forged["alg"] = "none"
    plain = urlsafe_b64encode(json.dumps(forged).encode()).decode().rstrip("=")
    assert code_of(f"{plain}.{body}.") == "token_invalid"


def test_the_public_key_is_no_shared_secret() -> None:
    public = key_folder().current(time.time()).private.public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    header, body = signed(claims()).split(".")[:2]
    forged = {**json.loads(urlsafe_b64decode(header + "==")), "alg": "HS256"}
    start = urlsafe_b64encode(json.dumps(forged).encode()).decode().rstrip("=") + "." + body
    signature = urlsafe_b64encode(hmac.new(pem, start.encode(), hashlib.sha256).digest()).decode().rstrip("=")
    assert code_of(f"{start}.{signature}") == "token_invalid"


@pytest.mark.parametrize(
    "header",
    [
        {"kid": "../../etc/passwd"},
        {"kid": 5},
        {"kid": ["a"]},
        {"typ": "JWT"},
        {"typ": "halftone-refresh+jwt"},
        {"crit": ["exp"], "exp": 1},
        {"jku": "http://127.0.0.1:9/keys", "kid": "unknown"},
    ],
)
def test_the_header_names_neither_key_nor_rules(header: dict[str, Any]) -> None:
    own = key_folder().current(time.time())
    plain = {"alg": "ES256", "kid": own.kid, "typ": "at+jwt", **header}
    start = urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")
    body = urlsafe_b64encode(json.dumps(claims()).encode()).decode().rstrip("=")
    signature = jwt.api_jws.PyJWS().get_algorithm_by_name("ES256").sign(f"{start}.{body}".encode(), own.private)
    assert code_of(f"{start}.{body}.{urlsafe_b64encode(signature).decode().rstrip('=')}") == "token_invalid"


def test_a_stranger_s_key_is_refused() -> None:
    assert code_of(signed(claims(), key=ec.generate_private_key(ec.SECP256R1()))) == "token_invalid"


@pytest.mark.parametrize("text", ["", "a", "a.b", "a.b.c", "é.é.é", "x" * 9000, "..", "eyJhbGciOiJFUzI1NiJ9.e30."])
def test_garbage_is_refused(text: str) -> None:
    assert code_of(text) == "token_invalid"


def test_types_of_tokens_are_not_mixed_up() -> None:
    with pytest.raises(HalftoneError, match="token_invalid"):
        refresh_backend().decode(signed(claims()))
