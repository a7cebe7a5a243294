"""The upgrade and the bad inputs, byte by byte against the real server: each has its named error."""

import asyncio
import json
import struct
from hashlib import shake_256
from typing import Any

import pytest
import websockets
from gateway_rig.auth import AuthServer
from gateway_rig.client import JSON, PROTO, Client, opening, viewport
from gateway_rig.compute import ComputeServer
from gateway_rig.raw import masked, raw_socket
from gateway_rig.rig import Rig, running
from gateway_rig.waiting import DEADLINE_S, eventually
from halftone.v1 import session_pb2 as pb

ORIGIN = "http://localhost:3000"


async def refusal(rig: Rig, subprotocol: str = PROTO, **how: Any) -> tuple[int, dict[str, Any]]:  # noqa: ANN401 - of connect
    """The status and the body of an upgrade that is refused."""
    with pytest.raises(websockets.InvalidStatus) as caught:
        async with Client.connect(rig.port, subprotocol, **how):
            raise AssertionError("the upgrade went through")
    response = caught.value.response
    return response.status_code, json.loads(response.body)


@pytest.mark.parametrize("key", ["token", "access_token", "jwt", "TOKEN"])
async def test_a_token_in_the_url_is_refused(rig: Rig, key: str) -> None:
    status, body = await refusal(rig, query=f"?{key}={rig.auth.access()}")
    assert (status, body["code"], body["field"]) == (400, "token_invalid", "token")
    assert "docs/protocol.md" in body["detail"]
    assert body["request_id"]


@pytest.mark.parametrize("subprotocol", ["halftone.v2.json", "halftone.v1", "graphql-ws"])
async def test_an_unknown_subprotocol_is_refused(rig: Rig, subprotocol: str) -> None:
    status, body = await refusal(rig, subprotocol)
    assert (status, body["code"]) == (400, "unsupported_version")


async def test_the_first_known_subprotocol_is_spoken(rig: Rig) -> None:
    async with Client.connect(rig.port, ["halftone.v9.proto", JSON, PROTO]) as client:
        assert client.subprotocol == JSON


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:3000.evil.com",
        "http://localhost",
        "https://localhost:3000",
        "http://localhost:30001",
        "http://localhost:3000/",
        "http://localhost:3000@evil.com",
        "HTTP://LOCALHOST:3000",
        "null",
        "",
    ],
)
async def test_an_origin_is_matched_as_a_whole(rig: Rig, origin: str) -> None:
    status, body = await refusal(rig, headers={"Origin": origin})
    assert (status, body["code"]) == (403, "origin_refused")


async def test_an_allowed_origin_may_bring_a_browsers_token(rig: Rig) -> None:
    async with Client.connect(rig.port, origin=ORIGIN) as client:
        assert (await client.auth(rig.auth.access(client="web"))).session_id


async def test_a_browsers_token_without_an_origin_is_refused(rig: Rig) -> None:
    async with Client.connect(rig.port) as client:
        await client.send(auth=pb.Auth(access_token=rig.auth.access(client="web")))
        assert (await client.error()).code == "origin_refused"
        assert await client.close_code() == 4403


async def test_compression_is_not_offered(rig: Rig) -> None:
    async with websockets.connect(
        f"ws://127.0.0.1:{rig.port}/ws/compute",
        subprotocols=[websockets.Subprotocol(PROTO)],
        compression="deflate",
        proxy=None,
    ) as socket:
        assert socket.response is not None
        assert "Sec-WebSocket-Extensions" not in socket.response.headers


async def test_silent_sockets_are_counted(auth: AuthServer, compute: ComputeServer) -> None:
    async with running(auth, compute, gateway_unauthenticated_per_address=2) as rig:
        async with Client.connect(rig.port), Client.connect(rig.port):
            status, body = await refusal(rig)
            assert (status, body["code"]) == (503, "overloaded")
        await eventually(lambda: not list(rig.gateway.registry))
        async with Client.connect(rig.port) as client:
            await client.auth(auth.access())


async def test_silent_sockets_are_ended(auth: AuthServer, compute: ComputeServer) -> None:
    async with running(auth, compute, gateway_auth_timeout_s=0.2) as rig:
        async with Client.connect(rig.port) as one, Client.connect(rig.port) as two:
            assert await one.close_code() == 4408
            assert await two.close_code() == 4408
        await eventually(lambda: not list(rig.gateway.registry))


async def test_silent_sockets_are_counted_over_all_addresses(auth: AuthServer, compute: ComputeServer) -> None:
    async with (
        running(auth, compute, gateway_unauthenticated=1, trusted_proxies="127.0.0.0/8") as rig,
        Client.connect(rig.port, headers={"X-Forwarded-For": "10.0.0.1"}),
    ):
        status, _ = await refusal(rig, headers={"X-Forwarded-For": "10.0.0.2"})
        assert status == 503


async def test_addresses_behind_a_trusted_proxy_count_apart(auth: AuthServer, compute: ComputeServer) -> None:
    limits = {"gateway_unauthenticated_per_address": 1}
    async with (
        running(auth, compute, **limits, trusted_proxies="127.0.0.1") as rig,
        Client.connect(rig.port, headers={"X-Forwarded-For": "10.0.0.1"}),
        Client.connect(rig.port, headers={"X-Forwarded-For": "10.0.0.2"}),
    ):
        status, _ = await refusal(rig, headers={"X-Forwarded-For": "10.0.0.1"})
        assert status == 503
    async with (
        running(auth, compute, **limits) as rig,
        Client.connect(rig.port, headers={"X-Forwarded-For": "10.0.0.1"}),
    ):
        status, _ = await refusal(rig, headers={"X-Forwarded-For": "10.0.0.2"})
        assert status == 503, "a header of a peer that is not trusted is not believed"


async def test_the_ninth_socket_of_a_person_is_refused(auth: AuthServer, compute: ComputeServer) -> None:
    async with (
        running(auth, compute, gateway_sockets_per_user=1) as rig,
        rig.client(),
        Client.connect(rig.port) as second,
    ):
        await second.send(auth=pb.Auth(access_token=auth.access()))
        assert (await second.error()).code == "socket_limit"
        assert await second.close_code() == 4429


# What may be wrong with a message

BAD_JSON: list[tuple[str, str, str]] = [
    ("{", "bad_json", ""),
    ("", "bad_json", ""),
    ("[" * 5000, "bad_json", ""),
    ('{"ping": {}, "ping": {}}', "bad_json", ""),
    ('{"open": {"viewId": NaN}}', "bad_json", ""),
    ('{"open": {"viewport": {"extent": {"x0": 1e999}}}}', "bad_json", ""),
    ('{"open": {"viewId": ' + "9" * 5000 + "}}", "bad_json", ""),
    ('{"open": {"kind": "\\ud800"}}', "bad_json", ""),
    ('{"open": {"options": ' + '{"a":' * 40 + "1" + "}" * 40 + "}}", "bad_json", ""),
    ("[]", "bad_message", ""),
    ("1", "bad_message", ""),
    ("null", "bad_message", ""),
    ("{}", "bad_message", ""),
    ('{"ping": null}', "bad_message", ""),
    ('{"open": []}', "bad_message", "open"),
    ('{"open": {"viewId": 1, "view_id": 2}}', "bad_message", "open.view_id"),
    ('{"ping": {}, "close": {}}', "bad_message", ""),
    ('{"frobnicate": {}}', "unknown_type", "frobnicate"),
    ('{"v": 99, "ping": {}}', "unknown_type", "v"),
    ('{"open": {"colour": "red"}}', "unknown_field", "open.colour"),
    ('{"open": {"__proto__": {}}}', "unknown_field", "open.__proto__"),
    ('{"open": {"viewport": {"width": -1}}}', "param_invalid", "open.viewport.width"),
    ('{"open": {"viewport": {"width": 1.5}}}', "param_invalid", "open.viewport.width"),
    ('{"open": {"viewport": {"width": "800"}}}', "param_invalid", "open.viewport.width"),
    ('{"open": {"viewport": {"width": true}}}', "param_invalid", "open.viewport.width"),
    ('{"open": {"viewport": {"width": 4294967296}}}', "param_invalid", "open.viewport.width"),
    ('{"open": {"viewport": {"exactViewport": 1}}}', "param_invalid", "open.viewport.exactViewport"),
    ('{"open": {"viewport": {"extent": {"x0": "NaN"}}}}', "param_invalid", "open.viewport.extent.x0"),
    ('{"open": {"viewport": {"extent": {"x0": true}}}}', "param_invalid", "open.viewport.extent.x0"),
    ('{"open": {"viewport": {"extent": [1, 2, 3]}}}', "bad_message", "open.viewport.extent"),
    ('{"open": {"dataset": 7}}', "param_invalid", "open.dataset"),
    ('{"open": {"held": "abc"}}', "param_invalid", "open.held"),
    ('{"open": {"held": [7]}}', "param_invalid", "open.held"),
    ('{"set": {"viewId": 1, "seq": 9007199254740993}}', "bad_seq", "set.seq"),
    ('{"set": {"viewId": 1, "seq": -1}}', "bad_seq", "set.seq"),
]


async def test_what_cannot_be_read_as_json_is_named_and_costs_nothing_else(rig: Rig) -> None:
    for number in range(0, len(BAD_JSON), 9):
        async with rig.client(JSON) as client:
            for text, code, field in BAD_JSON[number : number + 9]:
                await client.raw(text)
                error = await client.error()
                assert (error.code, error.field) == (code, field), text[:80]
                assert error.request_id
            await client.send(ping=pb.Ping())
            await client.until("pong")


async def test_what_cannot_be_read_as_protobuf_is_named(rig: Rig) -> None:
    nan = opening()
    nan.options["value"] = float("nan")
    cases = [
        (b"\xff\xff\xff\xff", "bad_message", ""),
        (b"", "bad_message", ""),
        (shake_256(b"noise").digest(200) + b"\xff", "bad_message", ""),
        (b"\xfa\x01\x00", "unknown_type", ""),
        (pb.ClientMessage(open=nan).SerializeToString(), "param_invalid", "open.options.value"),
        (
            pb.ClientMessage(open=opening(viewport=viewport(float("inf"), 1, 0, 1))).SerializeToString(),
            "param_invalid",
            "open.viewport.extent.x0",
        ),
    ]
    async with rig.client() as client:
        for data, code, field in cases:
            await client.raw(data)
            error = await client.error()
            assert (error.code, error.field) == (code, field)
        await client.send(ping=pb.Ping())
        await client.until("pong")


async def test_ten_bad_messages_end_the_socket(rig: Rig) -> None:
    async with rig.client(JSON) as client:
        for _ in range(10):
            await client.raw("{")
        assert await client.close_code() == 4400


BAD_VIEWS: list[tuple[dict[str, Any], str, str]] = [
    ({"dataset": "no-such"}, "unknown_dataset", "dataset"),
    ({"dataset": "secret"}, "unknown_dataset", "dataset"),
    ({"dataset": "../../internal/events"}, "unknown_dataset", "dataset"),
    ({"dataset": ""}, "unknown_dataset", "dataset"),
    ({"version_id": "1 OR 1=1"}, "param_invalid", "versionId"),
    ({"kind": "pie"}, "unknown_kind", "kind"),
    ({"kind": ""}, "unknown_kind", "kind"),
    ({"options": {"x": "altitude"}}, "unknown_column", "x"),
    ({"options": {"x": "__class__"}}, "unknown_column", "x"),
    ({"options": {"reduction": "median"}}, "unknown_agg", "reduction"),
    ({"options": {"colour": "red"}}, "unknown_field", "colour"),
    ({"options": {"x": True}}, "param_invalid", "x"),
    ({"viewport": viewport(0, 1, 0, 1, side=0)}, "param_out_of_range", "viewport.width"),
    ({"viewport": viewport(0, 1, 0, 1, side=100_000)}, "param_out_of_range", "viewport.width"),
    ({"viewport": viewport(0, 1, 0, 1, side=4096)}, "param_out_of_range", "viewport.width"),
    ({"viewport": viewport(1, 1, 0, 1)}, "param_invalid", "viewport.x0"),
    ({"viewport": viewport(2, 1, 0, 1)}, "param_invalid", "viewport.x0"),
    ({"viewport": viewport(0, 1, 5, -5)}, "param_invalid", "viewport.y0"),
    ({"held": [b"short"]}, "param_invalid", "held"),
]


@pytest.mark.parametrize("subprotocol", [PROTO, JSON])
async def test_a_view_that_cannot_be_opened_says_why(rig: Rig, subprotocol: str) -> None:
    async with rig.client(subprotocol) as client:
        for seq, (changes, code, field) in enumerate(BAD_VIEWS, start=1):
            await client.open(7, seq, **changes)
            error = await client.error()
            assert (error.code, error.field, error.view_id, error.seq) == (code, field, 7, seq)
        assert not rig.compute.asks
        await client.open(7, 99)
        assert (await client.frame(99))[-1].pieces


async def test_a_foreign_dataset_looks_like_none(rig: Rig) -> None:
    async with rig.client() as client:
        answers = []
        for dataset in ("secret", "made-up"):
            await client.open(dataset=dataset)
            error = await client.error()
            error.request_id = ""
            answers.append(error.SerializeToString())
        assert answers[0] == answers[1]


async def test_a_seq_that_goes_back_is_refused(rig: Rig) -> None:
    async with rig.client() as client:
        await client.open(seq=5)
        await client.frame(5)
        for seq in (5, 4, 0):
            await client.send(set=pb.Set(view_id=1, seq=seq, viewport=viewport(0, 9, 0, 9)))
            error = await client.error()
            assert (error.code, error.seq) == ("bad_seq", seq)
        asked = len(rig.compute.asks)
        await client.send(set=pb.Set(view_id=1, seq=6, viewport=viewport(0, 9, 0, 9)))
        await client.frame(6)
        assert len(rig.compute.asks) == asked + 1


async def test_the_sixty_fifth_view_is_refused(rig: Rig) -> None:
    async with rig.client() as client:
        for view_id in range(65):
            await client.open(view_id)
        error = await client.error()
        assert (error.code, error.view_id) == ("view_limit", 64)


async def test_a_message_of_64_kib_passes_and_one_byte_more_does_not(rig: Rig) -> None:
    async with rig.client(JSON) as client:
        await client.raw('{"ping": {}' + " " * (65_536 - 12) + "}")
        await client.until("pong")
        await client.raw('{"ping": {}' + " " * (65_536 - 11) + "}")
        assert await client.close_code() == 1009


async def test_the_wrong_type_of_frame_is_closed(rig: Rig) -> None:
    async with rig.client(JSON) as client:
        await client.raw(b"{}")
        assert await client.close_code() == 1003
    async with rig.client(PROTO) as client:
        await client.raw("{}")
        assert await client.close_code() == 1003


# What only a raw connection can send


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (masked(0x81, b"\xff\xfe"), 1007),
        (masked(0x81, b"{}", mask=False), 1002),
        (masked(0xC1, b"{}"), 1002),
        (masked(0x83, b"{}"), 1002),
        (masked(0x80, b"{}"), 1002),
        (masked(0x89, b"x" * 126), 1002),
        (masked(0x01, b"x" * 60_000) + masked(0x00, b"x" * 60_000)[:8], 1009),
    ],
    ids=["utf8", "unmasked", "rsv", "opcode", "continuation", "ping", "fragments"],
)
async def test_broken_frames_close_with_the_code_of_the_rfc(rig: Rig, data: bytes, code: int) -> None:
    async with raw_socket(rig.port, JSON) as (reader, writer):
        writer.write(data)
        async with asyncio.timeout(DEADLINE_S):
            answer = await reader.read()
    assert answer[0] == 0x88
    assert struct.unpack("!H", answer[2:4]) == (code,)
    async with rig.client() as client:
        await client.send(ping=pb.Ping())
        await client.until("pong")


async def test_a_peer_that_goes_without_a_word_leaves_nothing(rig: Rig) -> None:
    rig.compute.gate.clear()
    client_gone = rig.client()
    client = await client_gone.__aenter__()
    await client.open()
    await eventually(lambda: len(rig.compute.asks) == 1)
    client.socket.transport.abort()
    await eventually(lambda: len(rig.compute.cancelled) == 1)
    await eventually(lambda: not list(rig.gateway.registry))
