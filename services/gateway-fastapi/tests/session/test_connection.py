"""A socket's life: signing in, frames, flow, and its ends."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from functools import partial

import jwt
import pytest
import structlog
import websockets
from cryptography.hazmat.primitives.asymmetric import ec
from gateway_rig.auth import ANN, BOB, AuthServer, uuid_of
from gateway_rig.client import JSON, PROTO, Client, opening, viewport
from gateway_rig.compute import ComputeServer
from gateway_rig.raw import masked, raw_socket
from gateway_rig.rig import Rig, running
from gateway_rig.waiting import DEADLINE_S, eventually
from halftone.v1 import compute_pb2, frame_pb2
from halftone.v1 import session_pb2 as pb
from halftone_gateway.metrics import REGISTRY
from halftone_servicekit.errors import CLOSE_CODES


def forged(auth: AuthServer, **changes: object) -> str:
    """An access token with some claims changed."""
    claims = jwt.decode(auth.access(), options={"verify_signature": False})
    return auth.sign({**claims, **changes}, "at+jwt")


def bad_tokens(auth: AuthServer) -> dict[str, tuple[str, str]]:
    """Tokens that must not work, with the error of each."""
    claims = jwt.decode(auth.access(), options={"verify_signature": False})
    now = time.time()
    header = {"kid": "k1", "typ": "at+jwt"}
    return {
        "nonsense": ("x", "token_invalid"),
        "empty": ("", "token_invalid"),
        "expired": (forged(auth, exp=now - 11), "token_expired"),
        "from the future": (forged(auth, iat=now + 120), "token_not_yet_valid"),
        "of another key": (auth.sign(claims, "at+jwt", ec.generate_private_key(ec.SECP256R1())), "token_invalid"),
        "unsigned": (jwt.encode(claims, "", algorithm="none", headers={"typ": "at+jwt"}), "token_invalid"),
        "of the public key": (
            jwt.encode(claims, "k" * 64, algorithm="HS256", headers=header),
            "token_invalid",
        ),
        "a grant": (auth.grant(ANN, "flights", uuid_of("flights/1")), "token_invalid"),
        "a refresh token": (forged(auth, token_type="refresh"), "token_invalid"),
        "for another audience": (forged(auth, aud="catalogue"), "token_invalid"),
        "of another issuer": (forged(auth, iss="evil"), "token_invalid"),
    }


@pytest.mark.parametrize("what", list(bad_tokens(AuthServer())))
async def test_a_bad_token_is_named_and_closes(rig: Rig, what: str) -> None:
    token, code = bad_tokens(rig.auth)[what]
    async with Client.connect(rig.port) as client:
        await client.send(auth=pb.Auth(access_token=token))
        assert (await client.error()).code == code
        assert await client.close_code() == 4401


async def test_the_first_message_must_be_auth(rig: Rig) -> None:
    async with Client.connect(rig.port, JSON) as client:
        await client.send(ping=pb.Ping())
        assert (await client.error()).code == "auth_required"
        assert await client.close_code() == 4401


async def test_a_flood_of_unknown_keys_causes_one_fetch(rig: Rig) -> None:
    async with rig.client():
        pass
    for number in range(30):
        async with Client.connect(rig.port) as client:
            claims = {"sub": ANN}
            headers = {"kid": f"../{number}", "typ": "at+jwt", "jku": rig.auth.url}
            token = jwt.encode(claims, rig.auth.key, algorithm="ES256", headers=headers)
            await client.send(auth=pb.Auth(access_token=token))
            assert (await client.error()).code == "token_invalid"
    assert rig.auth.jwks_calls == 1


@pytest.mark.parametrize("subprotocol", [PROTO, JSON])
async def test_an_exact_frame_comes_in_both_encodings(rig: Rig, subprotocol: str) -> None:
    async with rig.client(subprotocol) as client:
        await client.open()
        opened = (await client.until("opened")).opened
        assert opened.version.rows == 3
        assert [column.name for column in opened.columns] == ["distance", "delay", "carrier"]
        frames = await client.frame(1)
        pieces = [piece for frame in frames for piece in frame.pieces]
        assert sorted((piece.address.ix, piece.address.iy) for piece in pieces) == [(0, 0), (0, 1), (1, 0), (1, 1)]
        assert {piece.width for piece in pieces} == {256}
        assert pieces[0].planes[0].codec == frame_pb2.CODEC_SPARSE
        receipt = frames[-1].receipt
        assert (receipt.pieces_total, receipt.rows_scanned, receipt.backend) == (4, 3, "rig")
        assert [stage.name for stage in receipt.stages] == ["scan", "gateway"]
        assert len(receipt.trace_id) == 32
        assert rig.compute.asks[0].traceparent.split("-")[1] == receipt.trace_id


async def test_a_free_viewport_is_one_piece(rig: Rig) -> None:
    async with rig.client() as client:
        await client.open(viewport=viewport(0, 100, 0, 100, exact=True, side=300))
        [frame] = await client.frame(1)
        assert (frame.pieces[0].width, frame.pieces[0].height) == (300, 300)
        assert not frame.pieces[0].HasField("address")


async def test_a_pan_ships_the_new_tiles_only(rig: Rig) -> None:
    async with rig.client() as client:
        await client.open()
        first = [piece.piece_id for frame in await client.frame(1) for piece in frame.pieces]
        await client.send(shown=pb.Shown(view_id=1, seq=1))
        await client.send(set=pb.Set(view_id=1, seq=2, viewport=viewport(512, 1536, 0, 1024)))
        frames = await client.frame(2)
        fresh = [piece.piece_id for frame in frames for piece in frame.pieces]
        reused = [piece_id for frame in frames for piece_id in frame.reuse]
        assert len(fresh) == 2
        assert len(reused) == 2
        assert set(reused) < set(first)
        assert frames[-1].receipt.pieces_cached == 2
        assert len(rig.compute.asks[1].tiles) == 2


@pytest.mark.parametrize("subprotocol", [PROTO, JSON])
async def test_one_notice_says_that_something_slower_makes_the_pictures(rig: Rig, subprotocol: str) -> None:
    rig.compute.degraded = "card_lost"
    async with rig.client(subprotocol) as client:
        await client.open()
        assert (await client.frame(1))[-1].receipt.degraded == "card_lost"
        notice = (await client.until("notice")).notice
        assert (notice.code, notice.view_id) == (pb.NOTICE_CODE_DEGRADED, 1)
        assert notice.detail.startswith("The graphics card is not available now.")
        await client.send(shown=pb.Shown(view_id=1, seq=1))
        await client.send(set=pb.Set(view_id=1, seq=2, viewport=viewport(512, 1536, 0, 1024)))
        await client.frame(2)
        await client.send(ping=pb.Ping())
        await client.until("pong")
        assert [message.WhichOneof("message") for message in client.received].count("notice") == 1


async def test_views_resume_on_another_socket_without_a_piece_sent_twice(rig: Rig) -> None:
    async with rig.client() as client:
        await client.open()
        held = [piece.piece_id for frame in await client.frame(1) for piece in frame.pieces]
    async with rig.client() as client:
        await client.open(seq=8, held=held)
        [frame] = await client.frame(8)
        assert not frame.pieces
        assert set(frame.reuse) == set(held)
        assert frame.receipt.backend == "cache"
    assert len(rig.compute.asks) == 1


async def test_the_newest_wins_down_to_compute(rig: Rig) -> None:
    rig.compute.gate.clear()
    async with rig.client() as client:
        await client.open()
        await eventually(lambda: len(rig.compute.asks) == 1)
        await client.send(set=pb.Set(view_id=1, seq=2, viewport=viewport(0, 10, 0, 10)))
        await eventually(lambda: rig.compute.cancelled == [rig.compute.asks[0].request_id])
        rig.compute.gate.set()
        frames = await client.frame(2)
        assert frames[-1].viewport.extent.x1 == 10
        assert not any(message.frame.seq == 1 for message in client.received if message.HasField("frame"))


async def test_a_cancelled_frame_is_stopped_and_the_view_lives_on(rig: Rig) -> None:
    rig.compute.gate.clear()
    async with rig.client() as client:
        await client.open()
        await eventually(lambda: len(rig.compute.asks) == 1)
        await client.send(cancel=pb.Cancel(view_id=1, seq=1))
        assert (await client.error()).code == "cancelled"
        await eventually(lambda: len(rig.compute.cancelled) == 1)
        rig.compute.gate.set()
        await client.send(set=pb.Set(view_id=1, seq=2))
        assert await client.frame(2)


async def test_a_closed_view_is_closed(rig: Rig) -> None:
    rig.compute.gate.clear()
    async with rig.client() as client:
        await client.open()
        await eventually(lambda: len(rig.compute.asks) == 1)
        await client.send(close=pb.Close(view_id=1))
        closed = (await client.until("closed")).closed
        assert (closed.view_id, closed.code) == (1, "")
        await eventually(lambda: len(rig.compute.cancelled) == 1)


def finished_renders() -> float:
    """How many requests to compute have gone well in this process."""
    return REGISTRY.get_sample_value("halftone_gateway_renders_total", {"outcome": "done"}) or 0.0


def has_grown(figure: Callable[[], float], before: float) -> bool:
    """Whether a figure is larger than it was."""
    return figure() > before


async def test_no_more_than_two_frames_go_unshown(rig: Rig) -> None:
    async with rig.client() as client:
        await client.open()
        await client.frame(1)
        for seq in range(2, 6):
            side = seq * 10.0
            place = viewport(0, side, 0, side, exact=True)
            before = finished_renders()
            await client.send(set=pb.Set(view_id=1, seq=seq, viewport=place))
            await eventually(partial(has_grown, finished_renders, before))
        await client.send(ping=pb.Ping())
        await client.until("pong")
        exact = [message.frame.seq for message in client.received if message.frame.status == 3]
        assert exact == [1, 2]
        await client.send(shown=pb.Shown(view_id=1, seq=2))
        assert (await client.frame(5))[-1].seq == 5


async def test_a_flood_makes_few_renders_and_ends(auth: AuthServer, compute: ComputeServer) -> None:
    # Rates that every machine exceeds.
    rate, burst = 5, 10
    limits = {"gateway_messages_per_second": rate, "gateway_message_burst": burst}
    async with running(auth, compute, **limits) as rig, rig.client() as client:
        await client.open()
        await client.frame(1)
        started = rig.gateway.now()
        with contextlib.suppress(websockets.ConnectionClosed):
            for seq in range(2, 2000):
                await client.send(set=pb.Set(view_id=1, seq=seq, viewport=viewport(0, seq, 0, seq)))
        assert await client.close_code() == 4429
        assert any(message.error.code == "rate_limited" for message in client.received)
        passed = rig.gateway.now() - started
    assert len(compute.asks) <= 1 + burst + 1 + rate * passed


async def test_a_reader_that_stops_is_cut_and_others_go_on(
    auth: AuthServer, compute: ComputeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("halftone_gateway.server.serve._LINGER_S", 600.0)
    compute.bytes_per_piece = 8_000_000
    async with running(auth, compute, gateway_stall_s=0.5) as rig, rig.client(subject=BOB) as other:
        async with raw_socket(rig.port, PROTO) as (reader, writer):
            sign_in = pb.ClientMessage(auth=pb.Auth(access_token=auth.access()))
            for message in (sign_in, pb.ClientMessage(open=opening())):
                writer.write(masked(0x82, message.SerializeToString()))
            await eventually(lambda: len(compute.asks) == 1)
            await other.send(ping=pb.Ping())
            await other.until("pong")
            await eventually(lambda: len(list(rig.gateway.registry)) == 1)
            async with asyncio.timeout(DEADLINE_S):
                rest = await reader.read()
        reason = b"the client reads too slowly"
        assert rest.endswith(bytes([0x88, 2 + len(reason)]) + (4430).to_bytes(2) + reason)
        await other.send(ping=pb.Ping())
        await other.until("pong")


async def test_a_reader_that_never_comes_back_is_dropped(
    auth: AuthServer, compute: ComputeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("halftone_gateway.server.serve._LINGER_S", 0.1)
    compute.bytes_per_piece = 8_000_000
    async with running(auth, compute, gateway_stall_s=0.3) as rig, raw_socket(rig.port, PROTO) as (_, writer):
        sign_in = pb.ClientMessage(auth=pb.Auth(access_token=auth.access()))
        for message in (sign_in, pb.ClientMessage(open=opening())):
            writer.write(masked(0x82, message.SerializeToString()))
        await eventually(lambda: len(compute.asks) == 1)
        await eventually(lambda: not rig.server.server_state.connections)


async def test_a_fresh_token_of_the_same_person_keeps_the_socket(auth: AuthServer, compute: ComputeServer) -> None:
    async with (
        running(auth, compute, gateway_reauth_grace_s=0.0, gateway_reauth_notice_s=3600.0) as rig,
        rig.client(seconds=60.0) as client,
    ):
        notice = (await client.until("notice")).notice
        assert notice.code == pb.NOTICE_CODE_REAUTH_SOON
        welcome = await client.auth(auth.access(seconds=600.0))
        assert 60 < welcome.expires_in <= 600
        # The end of the first token comes now, and not in a minute.
        [connection] = rig.gateway.registry
        connection.apply(connection.session.tick(connection.now() + 60))
        await client.open()
        assert await client.frame(1)
        await client.auth(auth.access(seconds=0.5))
        assert (await client.error()).code == "token_expired"
        assert await client.close_code() == 4401


async def test_another_persons_token_ends_the_socket(rig: Rig) -> None:
    async with rig.client() as client:
        await client.send(auth=pb.Auth(access_token=rig.auth.access(BOB)))
        assert (await client.error()).code == "forbidden"
        assert await client.close_code() == 4403


async def test_a_failure_of_compute_is_an_error_and_the_view_stays(rig: Rig) -> None:
    rig.compute.failure = compute_pb2.Failure(code="overloaded", detail="Busy.", retry_after_ms=100)
    async with rig.client() as client:
        await client.open()
        error = await client.error()
        assert (error.code, error.detail, error.seq, error.retry_after_ms) == ("overloaded", "Busy.", 1, 100)
        rig.compute.failure = compute_pb2.Failure(code="from_the_future")
        await client.send(set=pb.Set(view_id=1, seq=2))
        assert (await client.error()).code == "internal"
        rig.compute.failure = None
        await client.send(set=pb.Set(view_id=1, seq=3))
        assert await client.frame(3)


async def test_an_outage_of_auth_stops_new_views_only(rig: Rig) -> None:
    async with rig.client() as client:
        await client.open()
        await client.frame(1)
        rig.auth.down = True
        await client.open(2, 1, dataset="other")
        assert (await client.error()).code == "auth_unavailable"
        await client.send(set=pb.Set(view_id=1, seq=2, viewport=viewport(0, 7, 0, 7)))
        assert await client.frame(2)


async def test_a_bug_of_ours_is_an_error_without_its_text(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("secret")

    async with rig.client() as client:
        [connection] = rig.gateway.registry
        monkeypatch.setattr(connection.session, "ping", broken)
        await client.send(ping=pb.Ping())
        error = await client.error()
        assert error.code == "internal"
        assert "secret" not in str(error)
        monkeypatch.undo()
        await client.send(ping=pb.Ping())
        await client.until("pong")


@pytest.mark.parametrize("dying", ["reader", "grant", "rows", "timer"])
async def test_a_task_that_dies_is_logged_once_and_ends_its_socket(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, dying: str
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OverflowError("secret")

    async with rig.client() as client:
        [connection] = rig.gateway.registry
        await client.open()
        await client.frame(1)
        with structlog.testing.capture_logs() as logs:
            if dying == "reader":
                monkeypatch.setattr(connection._codec, "decode", broken)
                await client.send(ping=pb.Ping())
            elif dying == "grant":
                monkeypatch.setattr(connection.session, "granted", broken)
                await client.open(2, 1)
            elif dying == "rows":
                monkeypatch.setattr(connection.session, "picked", broken)
                await client.send(pick_rows=pb.PickRows(view_id=1, pick_id=1))
            else:
                monkeypatch.setattr(connection.session, "tick", broken)
                connection._tick()
            assert await client.close_code() == 1011
            await eventually(lambda: not list(rig.gateway.registry))
        monkeypatch.undo()
        assert [(log["event"], log["log_level"]) for log in logs if log.get("exc_info")] == [("socket_failed", "error")]


def test_every_close_code_is_in_the_table() -> None:
    assert {4400, 4401, 4403, 4408, 4429, 4430, 1003, 1007, 1009, 1011, 1012, 1013} <= set(CLOSE_CODES)


async def test_sockets_share_the_loop(rig: Rig) -> None:
    async def one(number: int) -> None:
        async with rig.client(subject=uuid_of(str(number))) as client:
            rig.auth.readers["flights"].add(uuid_of(str(number)))
            await client.open(viewport=viewport(0, number + 1, 0, 8))
            assert await client.frame(1)

    await asyncio.gather(*(one(number) for number in range(15)))
