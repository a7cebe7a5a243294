"""Which tokens are refused, for how long, and that no socket opens with one of them: on two gateways, at any time."""

import math
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import pytest
from gateway_rig.auth import ANN, BOB, AuthServer
from gateway_rig.client import Client
from gateway_rig.compute import ComputeServer
from gateway_rig.pure import claims
from gateway_rig.rig import Rig, running, starting
from gateway_rig.waiting import eventually
from halftone.v1 import session_pb2 as pb
from halftone_gateway.access.revocations import Revocations
from halftone_gateway.server import gateway
from halftone_servicekit.errors import HalftoneError
from halftone_servicekit.tokens import ACCESS_LIFE_S, LEEWAY_S, REVOCATION_LIFE_S
from hypothesis import given
from hypothesis import strategies as st

# A session that was signed out, and every token of a person up to a version.
REVOKED: tuple[dict[str, Any], ...] = {"session": "out", "version": 1}, {"subject": BOB, "session": "any", "version": 1}
# Another session of the same person, and a person who signed in again with a new password.
GOOD: tuple[dict[str, Any], ...] = {"session": "kept", "version": 1}, {"subject": BOB, "session": "any", "version": 2}


class Clock:
    """A clock that a test puts forward."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_before_the_first_reading_every_token_is_refused() -> None:
    revocations = Revocations()
    with pytest.raises(HalftoneError, match="auth_unavailable") as caught:
        revocations.check(claims())
    assert caught.value.retry_after_ms
    revocations.end_session("s2")
    revocations.known()
    revocations.check(claims())
    with pytest.raises(HalftoneError, match="forbidden"):
        revocations.check(claims(session="s2"))


@pytest.mark.parametrize("later", [0, 1, 3, 15, 60, ACCESS_LIFE_S, ACCESS_LIFE_S + LEEWAY_S])
def test_a_revoked_token_is_refused_until_it_has_expired(later: float) -> None:
    clock = Clock()
    revocations = Revocations(is_known=True, clock=clock)
    revocations.end_session("s1")
    revocations.end_sessions_of(BOB, 3)
    clock.now = later
    assert revocations.revokes(claims(session="s1"))
    assert revocations.revokes(claims(BOB, session="s9", version=2))
    assert not revocations.revokes(claims(session="s2"))
    assert not revocations.revokes(claims(BOB, session="s9", version=3))
    clock.now = REVOCATION_LIFE_S
    assert not revocations.revokes(claims(session="s1"))


def test_a_second_revocation_is_kept_as_long_as_the_first() -> None:
    clock = Clock()
    revocations = Revocations(is_known=True, clock=clock)
    revocations.end_sessions_of(ANN, 2)
    clock.now = REVOCATION_LIFE_S - 1
    revocations.end_sessions_of(ANN, 3)
    clock.now = REVOCATION_LIFE_S + 1
    assert revocations.revokes(claims(version=2))


@given(st.lists(st.integers(1, 9) | st.just(math.inf), min_size=1), st.integers(1, 9))
def test_events_that_are_read_again_or_late_bring_no_token_back(versions: list[float], version: int) -> None:
    revocations = Revocations(is_known=True)
    for least in versions:
        revocations.end_sessions_of(ANN, least)
    assert revocations.revokes(claims(version=version)) == (version < max(versions))


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock by which gateways forget revocations."""
    clock = Clock()
    monkeypatch.setattr(gateway, "Revocations", partial(Revocations, clock=clock))
    return clock


@pytest.fixture
async def gateways(auth: AuthServer, compute: ComputeServer, later: Clock) -> AsyncIterator[list[Rig]]:
    """Two that hold a request for events each."""
    auth.holds = True
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(running(auth, compute)) for _ in range(2)]


def knows(rig: Rig) -> bool:
    """Whether the last event of `revoke` has come."""
    return rig.gateway.revocations.revokes(claims(BOB, version=1))


def revoke(auth: AuthServer) -> None:
    auth.emit("session_revoked", session_id="out")
    auth.emit("user_revoked", user_id=BOB, token_version=2)


async def refusal(rig: Rig, **token: Any) -> tuple[str, int]:  # noqa: ANN401 - of `access`
    """The error that answers this token, and the close code."""
    async with Client.connect(rig.port) as client:
        await client.send(auth=pb.Auth(access_token=rig.auth.access(**token)))
        return (await client.error()).code, await client.close_code()


async def assert_only_good_tokens_open(rig: Rig) -> None:
    for token in REVOKED:
        assert await refusal(rig, **token) == ("forbidden", 4403)
    for token in GOOD:
        async with rig.client(**token):
            pass


async def test_live_sockets_end_and_new_ones_are_refused_at_any_time(
    auth: AuthServer, gateways: list[Rig], later: Clock
) -> None:
    async with AsyncExitStack() as stack:
        gone = [await stack.enter_async_context(rig.client(**token)) for rig in gateways for token in REVOKED]
        kept = [await stack.enter_async_context(rig.client(**token)) for rig in gateways for token in GOOD]
        revoke(auth)
        for client in gone:
            assert await client.close_code() == 4403
        for client in kept:
            await client.send(ping=pb.Ping())
            await client.until("pong")
    for seconds in (0, 1, 3, 15, 60):
        later.now = seconds
        for rig in gateways:
            await assert_only_good_tokens_open(rig)


async def test_a_live_socket_cannot_be_renewed_with_a_revoked_token(auth: AuthServer, gateways: list[Rig]) -> None:
    async with gateways[0].client(session="kept") as client:
        revoke(auth)
        await eventually(lambda: knows(gateways[0]))
        await client.send(auth=pb.Auth(access_token=auth.access(session="out")))
        assert await client.close_code() == 4403


@pytest.mark.parametrize("page", [1000, 1], ids=["in one page", "in many"])
async def test_a_gateway_that_starts_knows_what_was_revoked_before(
    auth: AuthServer, compute: ComputeServer, page: int
) -> None:
    auth.events_per_page = page
    revoke(auth)
    auth.emit("permission_changed", user_id=ANN)
    async with running(auth, compute) as rig:
        await assert_only_good_tokens_open(rig)


async def test_without_auth_what_was_revoked_before_stays_so(auth: AuthServer, gateways: list[Rig]) -> None:
    revoke(auth)
    await eventually(lambda: all(map(knows, gateways)))
    auth.down = True
    for rig in gateways:
        await assert_only_good_tokens_open(rig)


async def test_a_gateway_that_starts_without_auth_accepts_no_token(auth: AuthServer, compute: ComputeServer) -> None:
    revoke(auth)
    auth.down = True
    async with starting(auth, compute) as rig, rig.web() as web:
        for token in (*REVOKED, *GOOD):
            assert await refusal(rig, **token) == ("auth_unavailable", 1013)
        answer = await web.get("/readyz")
        assert (answer.status_code, answer.json()["checks"]["revocations"]) == (503, False)
        auth.down = False
        await eventually(lambda: rig.gateway.revocations.is_known)
        await assert_only_good_tokens_open(rig)
        await eventually(lambda: rig.gateway.pool.connected == 1)
        assert (await web.get("/readyz")).status_code == 200


async def test_an_auth_service_that_cannot_say_what_was_revoked_is_not_enough(
    auth: AuthServer, compute: ComputeServer
) -> None:
    auth.says_more = False
    async with starting(auth, compute) as rig:
        await eventually(lambda: auth.event_calls > 2)
        assert await refusal(rig, **GOOD[0]) == ("auth_unavailable", 1013)
        auth.says_more = True
        await eventually(lambda: rig.gateway.revocations.is_known)
        # One that is updated later answers without it again, and is followed all the same.
        auth.says_more = False
        revoke(auth)
        await eventually(lambda: knows(rig))


async def test_a_revocation_without_a_version_concerns_every_token(auth: AuthServer, compute: ComputeServer) -> None:
    auth.emit("user_revoked", user_id=BOB)
    async with running(auth, compute) as rig:
        assert await refusal(rig, subject=BOB, version=99) == ("forbidden", 4403)
