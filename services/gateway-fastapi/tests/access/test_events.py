"""What happens in auth reaches live sockets."""

import time

import pytest
from gateway_rig.auth import ANN, BOB, uuid_of
from gateway_rig.client import viewport
from gateway_rig.rig import Rig
from gateway_rig.waiting import eventually
from halftone.v1 import session_pb2 as pb
from halftone_gateway.metrics import REGISTRY

FLIGHTS = uuid_of("flights")


def polls(outcome: str) -> float:
    """How often events were looked for."""
    return REGISTRY.get_sample_value("halftone_gateway_event_polls_total", {"outcome": outcome}) or 0.0


async def followed(rig: Rig) -> None:
    """Waits until the gateway has its cursor, so that no event is older than it."""
    before = polls("ok")
    await eventually(lambda: polls("ok") > before + 1)


async def test_a_revoked_sign_in_ends_its_sockets_only(rig: Rig) -> None:
    await followed(rig)
    async with rig.client(session="s1") as gone, rig.client(session="s2") as kept:
        rig.auth.emit("session_revoked", session_id="s1")
        assert (await gone.error()).code == "forbidden"
        assert await gone.close_code() == 4403
        await kept.send(ping=pb.Ping())
        await kept.until("pong")


async def test_a_revoked_person_loses_every_socket(rig: Rig) -> None:
    await followed(rig)
    async with rig.client() as one, rig.client() as two, rig.client(subject=BOB) as kept:
        rig.auth.emit("user_revoked", user_id=ANN)
        assert await one.close_code() == 4403
        assert await two.close_code() == 4403
        await kept.send(ping=pb.Ping())
        await kept.until("pong")


@pytest.mark.parametrize("who", [{"user_id": ANN}, {}])
async def test_a_right_that_is_taken_away_closes_the_view(rig: Rig, who: dict[str, str]) -> None:
    await followed(rig)
    async with rig.client() as client:
        await client.open()
        await client.frame(1)
        rig.auth.readers["flights"] = {BOB}
        rig.auth.emit("permission_changed", dataset_id=FLIGHTS, **who)
        closed = (await client.until("closed")).closed
        assert (closed.view_id, closed.code) == (1, "forbidden")
        await client.send(set=pb.Set(view_id=1, seq=2, viewport=viewport(0, 5, 0, 5)))
        assert (await client.error()).code == "not_found"
        await client.open(2)
        assert (await client.error()).code == "unknown_dataset"


async def test_a_right_that_stays_is_renewed_without_a_word(rig: Rig) -> None:
    await followed(rig)
    async with rig.client() as client:
        await client.open()
        await client.frame(1)
        calls = rig.auth.grant_calls
        rig.auth.emit("permission_changed", dataset_id=FLIGHTS, user_id=ANN)
        await eventually(lambda: rig.auth.grant_calls > calls)
        await client.send(set=pb.Set(view_id=1, seq=2, viewport=viewport(0, 5, 0, 5)))
        assert await client.frame(2)


async def test_a_deleted_dataset_closes_its_views(rig: Rig) -> None:
    await followed(rig)
    async with rig.client() as client:
        await client.open()
        await client.frame(1)
        rig.auth.emit("dataset_deleted", dataset_id=FLIGHTS)
        assert (await client.until("closed")).closed.code == "version_gone"


async def test_a_new_version_is_announced(rig: Rig) -> None:
    await followed(rig)
    async with rig.client() as client:
        await client.open()
        await client.frame(1)
        rig.auth.emit("version_published", dataset_id=FLIGHTS, version_id=uuid_of("flights/2"))
        notice = (await client.until("notice")).notice
        assert notice.code == pb.NOTICE_CODE_VERSION_AVAILABLE
        assert (notice.view_id, notice.version.version_id) == (1, uuid_of("flights/2"))


async def test_events_from_the_time_of_an_outage_are_caught_up(rig: Rig) -> None:
    await followed(rig)
    async with rig.client() as client:
        rig.auth.down = True
        failed = polls("failed")
        await eventually(lambda: polls("failed") > failed)
        rig.auth.emit("from_the_future")
        rig.auth.emit("user_revoked", user_id=ANN)
        rig.auth.down = False
        assert await client.close_code() == 4403


async def test_events_that_cannot_be_read_are_passed_by(rig: Rig) -> None:
    await followed(rig)
    async with rig.client() as client:
        rig.auth.events.append({"id": 1, "kind": "session_revoked"})
        rig.auth.emit("user_revoked", user_id=ANN)
        assert await client.close_code() == 4403


async def test_at_rest_one_request_is_held_and_none_follows(rig: Rig) -> None:
    rig.auth.holds = True
    await eventually(lambda: len(rig.auth.held) == 1)
    async with rig.client() as client, rig.web() as web:
        calls, started = rig.auth.event_calls, time.monotonic()
        # Twenty intervals of the rig.
        while time.monotonic() - started < 1.0:
            await web.get("/healthz")
        assert rig.auth.event_calls == calls
        rig.auth.emit("user_revoked", user_id=ANN)
        assert await client.close_code() == 4403
        await eventually(lambda: len(rig.auth.held) == 1)


async def test_an_auth_service_that_cannot_hold_is_asked_at_intervals(rig: Rig) -> None:
    rig.auth.knows_wait = False
    await followed(rig)
    failed, calls = polls("failed"), rig.auth.event_calls
    await eventually(lambda: rig.auth.event_calls > calls + 2)
    async with rig.client() as client:
        rig.auth.emit("user_revoked", user_id=ANN)
        assert await client.close_code() == 4403
    assert polls("failed") == failed
