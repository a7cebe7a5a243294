"""Keys are fetched as rarely as promised, and an outage is told from a key that does not exist."""

import asyncio
import time
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from halftone_servicekit.errors import HalftoneError
from halftone_servicekit.jwks import MAX_JWKS_BYTES, TIMEOUT_S, Jwks, fetch_jwks, keys_of
from halftone_servicekit.testing import Issuer, public_jwk
from halftone_servicekit.testing_servers import held_port
from halftone_servicekit.tokens import TokenVerifier

OTHER = ec.generate_private_key(ec.SECP256R1())


class Clock:
    """A clock that moves by hand."""

    def __init__(self) -> None:
        self.now = 5.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with Issuer() as server:
        yield server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def jwks(issuer: Issuer, clock: Clock) -> Jwks:
    return Jwks(issuer.url, clock=clock)


async def test_keys_are_fetched_once_for_many_callers(jwks: Jwks, issuer: Issuer) -> None:
    keys = await asyncio.gather(*(jwks.key("k1") for _ in range(50)))
    assert {key.key_id for key in keys} == {"k1"}
    assert issuer.fetches == 1


async def test_keys_are_kept_for_300_seconds(jwks: Jwks, issuer: Issuer, clock: Clock) -> None:
    await jwks.key("k1")
    clock.now += 299
    await jwks.key("k1")
    assert issuer.fetches == 1
    clock.now += 1
    await jwks.key("k1")
    assert issuer.fetches == 2


async def test_made_up_key_ids_cost_one_fetch(jwks: Jwks, issuer: Issuer) -> None:
    verifier = TokenVerifier(jwks, "halftone")
    for number in range(1000):
        issuer.kid = f"made-up-{number}"
        with pytest.raises(HalftoneError, match="token_invalid"):
            await verifier.verify_access(issuer.access())
    issuer.kid = "k1"
    await verifier.verify_access(issuer.access())
    assert issuer.fetches == 1


async def test_made_up_key_ids_at_once_cost_one_fetch(jwks: Jwks, issuer: Issuer, clock: Clock) -> None:
    await jwks.key("k1")
    clock.now += 31
    results = await asyncio.gather(*(jwks.key(f"made-up-{n}") for n in range(1000)), return_exceptions=True)
    assert {str(result) for result in results} == {"token_invalid: The token is signed with an unknown key."}
    assert issuer.fetches == 2


async def test_a_rotated_key_is_seen_after_the_cooldown(jwks: Jwks, issuer: Issuer, clock: Clock) -> None:
    await jwks.key("k1")
    issuer.keys = [public_jwk(issuer.key, "k1"), public_jwk(OTHER, "k2")]
    clock.now += 29
    with pytest.raises(HalftoneError, match="token_invalid"):
        await jwks.key("k2")
    clock.now += 1
    assert (await jwks.key("k2")).key_id == "k2"
    assert issuer.fetches == 2


async def test_a_retired_key_is_forgotten(jwks: Jwks, issuer: Issuer, clock: Clock) -> None:
    await jwks.key("k1")
    issuer.keys = [public_jwk(OTHER, "k2")]
    clock.now += 300
    with pytest.raises(HalftoneError, match="token_invalid"):
        await jwks.key("k1")


async def test_known_keys_outlive_an_outage_for_an_hour(jwks: Jwks, issuer: Issuer, clock: Clock) -> None:
    await jwks.key("k1")
    issuer.status = 503
    clock.now += 300
    for _ in range(5):
        await jwks.key("k1")
    assert issuer.fetches == 2
    clock.now += 30
    await jwks.key("k1")
    assert issuer.fetches == 3
    clock.now += 3600 - 331
    await jwks.key("k1")
    clock.now += 1
    with pytest.raises(HalftoneError, match="auth_unavailable"):
        await jwks.key("k1")
    issuer.status = 200
    clock.now += 1
    assert (await jwks.key("k1")).key_id == "k1"


async def test_an_unknown_key_during_an_outage_is_not_called_wrong(jwks: Jwks, issuer: Issuer, clock: Clock) -> None:
    issuer.status = 500
    for _ in range(20):
        with pytest.raises(HalftoneError, match="auth_unavailable") as caught:
            await jwks.key("k1")
    assert caught.value.retry_after_ms == 1000
    assert issuer.fetches == 1
    issuer.status = 200
    clock.now += 1
    assert (await jwks.key("k1")).key_id == "k1"


BROKEN = {
    "no JSON": b"<html>",
    "a list": b"[]",
    "no keys": b"{}",
    "keys that are no list": b'{"keys": {}}',
    "too large": b'{"keys": [], "more": "' + b"x" * MAX_JWKS_BYTES + b'"}',
    "nested without end": b"[" * 100_000,
    "no UTF-8": b"\xff\xfe\xfa",
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
async def test_a_broken_document_is_an_outage(jwks: Jwks, issuer: Issuer, clock: Clock, body: bytes) -> None:
    await jwks.key("k1")
    issuer.body = body
    clock.now += 300
    assert (await jwks.key("k1")).key_id == "k1"
    with pytest.raises(HalftoneError, match="auth_unavailable"):
        await jwks.key("other")


async def test_nobody_listening_is_an_outage(clock: Clock) -> None:
    with held_port() as place:
        url = f"http://127.0.0.1:{place.getsockname()[1]}/"
        with pytest.raises(HalftoneError, match="auth_unavailable"):
            await Jwks(url, clock=clock).key("k1")


async def test_a_server_that_hangs_is_left_after_two_seconds(
    jwks: Jwks, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("halftone_servicekit.jwks.TIMEOUT_S", TIMEOUT_S)
    issuer.gate.clear()
    started = time.monotonic()
    # The server itself would answer much later, and well.
    with pytest.raises(HalftoneError, match="auth_unavailable"):
        await jwks.key("k1")
    assert time.monotonic() - started > 1.5
    assert TIMEOUT_S == 2


async def test_a_caller_that_leaves_does_not_fail_the_others(jwks: Jwks, issuer: Issuer) -> None:
    issuer.gate.clear()
    first = asyncio.create_task(jwks.key("k1"))
    assert await asyncio.to_thread(issuer.asked.wait, 30)
    second = asyncio.create_task(jwks.key("k1"))
    first.cancel()
    await asyncio.wait([first])
    issuer.gate.set()
    assert (await second).key_id == "k1"


async def test_redirects_are_not_followed(issuer: Issuer) -> None:
    issuer.status = 302
    with pytest.raises(Exception, match="302"):
        await fetch_jwks(issuer.url)


def test_only_usable_keys_are_kept(issuer: Issuer) -> None:
    p384 = ec.generate_private_key(ec.SECP384R1())
    document = {
        "keys": [
            public_jwk(issuer.key, "good"),
            {**public_jwk(issuer.key, "for encryption"), "use": "enc"},
            {"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA", "kid": "symmetric", "alg": "HS256"},
            {"kty": "EC", "crv": "P-256", "x": 5, "y": None, "kid": "broken"},
            {"kty": "made-up", "kid": "unknown type"},
            public_jwk(p384, "another curve"),
            {key: value for key, value in public_jwk(issuer.key, "").items() if key != "kid"},
            "no object",
            {"kid": "empty"},
        ]
    }
    assert list(keys_of(document)) == ["good"]
