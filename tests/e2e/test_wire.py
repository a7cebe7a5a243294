"""The edge and the socket name what they refuse, and answer the next good message."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx2
import pytest
from websockets import Origin, Subprotocol
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from .product import Product

pytestmark = pytest.mark.e2e

VIEWPORT = {"width": 300, "height": 200}
EXTENT = {"x0": 0, "x1": 1, "y0": 0, "y1": 1}
BAD_VIEWPORTS = [
    ({**VIEWPORT, "extent": {**EXTENT, "x0": 2}}, "param_invalid", "x0"),
    ({**VIEWPORT, "extent": {**EXTENT, "x0": "NaN"}}, "param_invalid", "x0"),
    ({"width": 100_000, "height": 100_000}, "param_out_of_range", "width"),
    ({"width": 0, "height": 200}, "param_out_of_range", "width"),
]
BAD_OPENS: list[tuple[dict[str, object], str]] = [
    ({"dataset": "nowhere"}, "unknown_dataset"),
    ({"kind": "teapot"}, "unknown_kind"),
    ({"options": {"x": "nowhere"}}, "unknown_column"),
    ({"options": {"colour": "red"}}, "unknown_field"),
    ({"options": {"reduction": "median"}}, "unknown_agg"),
]


@contextmanager
def dial(product: Product, query: str = "", origin: str | None = None) -> Iterator[ClientConnection]:
    """A JSON socket through the edge."""
    address = f"{product.url.replace('http', 'ws', 1)}/ws/compute{query}"
    spoken = [Subprotocol("halftone.v1.json")]
    with connect(
        address, origin=Origin(origin) if origin else None, subprotocols=spoken, max_size=None, open_timeout=60
    ) as socket:
        yield socket


def send(socket: ClientConnection, **message: object) -> None:
    socket.send(json.dumps(message))


def receive(socket: ClientConnection, kind: str) -> dict[str, Any]:
    """Return the next message of a kind, whatever comes before it."""
    while True:
        message = json.loads(socket.recv(timeout=60))
        if kind in message:
            answer: dict[str, Any] = message[kind]
            return answer


@contextmanager
def signed_in(product: Product) -> Iterator[ClientConnection]:
    """A socket that has said who it is."""
    # Asked for before the dial: a socket may not stay long without it.
    token = product.access_token()
    with dial(product) as socket:
        send(socket, auth={"accessToken": token})
        receive(socket, "welcome")
        yield socket


def frame_of(socket: ClientConnection, seq: int) -> dict[str, Any]:
    """Return the exact frame of a state of the view, whatever frames come before it."""
    while True:
        frame = receive(socket, "frame")
        if (frame["seq"], frame["status"]) == (seq, "FRAME_STATUS_EXACT"):
            return frame


def open_view(socket: ClientConnection, view_id: int, **changes: object) -> None:
    view = {"viewId": view_id, "seq": 1, "dataset": "flights", "kind": "points", "viewport": VIEWPORT}
    send(socket, open={**view, **changes})


def assert_still_answers(socket: ClientConnection) -> None:
    send(socket, ping={})
    receive(socket, "pong")


def close_code(socket: ClientConnection) -> int:
    """Read until the server closes and return its code."""
    with suppress(ConnectionClosed):
        for _ in socket:
            pass
    code = socket.close_code
    assert code is not None
    return code


def test_bad_opens_are_named_and_the_socket_stays(product: Product) -> None:
    with signed_in(product) as socket:
        for number, (changes, code) in enumerate(BAD_OPENS, 1):
            open_view(socket, number, **changes)
            assert receive(socket, "error")["code"] == code
        assert_still_answers(socket)


def test_bad_viewports_are_named_and_the_view_stays(product: Product) -> None:
    with signed_in(product) as socket:
        open_view(socket, 1)
        frame_of(socket, 1)
        for seq, (viewport, code, field) in enumerate(BAD_VIEWPORTS, 2):
            send(socket, set={"viewId": 1, "seq": seq, "viewport": viewport})
            error = receive(socket, "error")
            assert (error["code"], error["field"].rpartition(".")[2]) == (code, field)
        send(socket, set={"viewId": 1, "seq": 1, "viewport": VIEWPORT})
        assert receive(socket, "error")["code"] == "bad_seq"
        send(socket, set={"viewId": 1, "seq": 50, "viewport": {"width": 200, "height": 300}})
        frame_of(socket, 50)


def test_garbage_is_named(product: Product) -> None:
    with signed_in(product) as socket:
        for text, code in (("{", "bad_json"), ("[]", "bad_message"), ('{"tea": {}}', "unknown_type")):
            socket.send(text)
            assert receive(socket, "error")["code"] == code
        assert_still_answers(socket)


def test_view_past_the_limit(product: Product) -> None:
    with signed_in(product) as socket:
        for view_id in range(1, 66):
            open_view(socket, view_id, viewport={"width": 8, "height": 8})
            expected = "error" if view_id == 65 else "opened"
            answer = receive(socket, expected)
        assert answer["code"] == "view_limit"
        assert_still_answers(socket)


def test_message_past_64_kib(product: Product) -> None:
    with signed_in(product) as socket:
        socket.send("x" * (64 * 1024 + 1))
        assert close_code(socket) == 1009


@pytest.mark.parametrize("token", ["", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."])
def test_bad_token(product: Product, token: str) -> None:
    with dial(product) as socket:
        send(socket, auth={"accessToken": token})
        assert close_code(socket) == 4401


def test_first_message_is_not_auth(product: Product) -> None:
    with dial(product) as socket:
        send(socket, ping={})
        assert receive(socket, "error")["code"] == "auth_required"
        assert close_code(socket) == 4401


def test_silence_is_ended(product: Product) -> None:
    with dial(product) as socket:
        assert close_code(socket) == 4408


@pytest.mark.parametrize(
    ("query", "origin", "status"),
    [("?token=eyJhbGciOiJub25lIn0.e30.", None, 400), ("", "https://evil.example", 403)],
)
def test_refused_before_the_upgrade(product: Product, query: str, origin: str | None, status: int) -> None:
    with pytest.raises(InvalidStatus) as refused, dial(product, query, origin):
        pass
    assert refused.value.response.status_code == status
    assert json.loads(refused.value.response.body or b"")["code"]


def test_wrong_password_looks_like_a_wrong_address(product: Product) -> None:
    bodies = [
        {"email": email, "password": "wrong wrong wrong"} for email in ("admin@halftone.local", "no@halftone.local")
    ]
    answers = [httpx2.post(f"{product.url}/api/token/", json=body, timeout=60) for body in bodies]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].json()["code"] == answers[1].json()["code"]
    assert answers[0].json()["detail"] == answers[1].json()["detail"]
