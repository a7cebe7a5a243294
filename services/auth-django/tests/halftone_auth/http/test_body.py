"""Requests as a server hands them over: the application is called with real ASGI messages."""

import asyncio
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from analytics.models import Upload
from asgiref.sync import async_to_sync
from auth_rig.people import make_user, sign_in
from auth_rig.work import CSV, SERVICE_TOKEN
from halftone_auth.http import body
from halftone_auth.http.body import HalftoneHandler, Message
from pytest_django.fixtures import Settings
from typing_extensions import override

pytestmark = pytest.mark.django_db(transaction=True)
FORM = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
END = b"\r\n--b--\r\n"
# A client that sends a body only once it is told to.
ASKS = (b"expect", b"100-continue")


class Wire:
    """One request: gives the application its messages and keeps what it answers."""

    def __init__(self, path: str, messages: list[Message], headers: dict[str, str], method: str = "POST") -> None:
        self.messages = messages
        self.sent: list[Message] = []
        self.read = 0
        self.scope: dict[str, Any] = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": b"",
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 1234),
            "server": ("localhost", 8000),
        }

    async def receive(self) -> Message:
        if not self.messages:
            await asyncio.Event().wait()
        message = self.messages.pop(0)
        self.read += len(message.get("body", b""))
        return message

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    def run(self) -> tuple[int, Any]:
        async_to_sync(HalftoneHandler())(self.scope, self.receive, self.send)
        if not self.sent:
            return 0, None
        content = b"".join(message.get("body", b"") for message in self.sent[1:])
        return self.sent[0]["status"], json.loads(content) if content else None


def chunk(content: bytes, more: bool = False) -> Message:
    return {"type": "http.request", "body": content, "more_body": more}


@pytest.fixture
def bearer(db: None) -> dict[str, str]:
    return {"Authorization": f"Bearer {sign_in(make_user()).data['access']}", "Host": "localhost"}


@pytest.fixture
def post(bearer: dict[str, str]) -> Callable[..., Wire]:
    def make(path: str, *messages: Message, **headers: str) -> Wire:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Wire(path, list(messages), {**bearer, "Content-Type": "application/json", **named})

    return make


@pytest.fixture
def send_file(bearer: dict[str, str]) -> Callable[..., Wire]:
    def make(*messages: Message, length: int) -> Wire:
        form = {"Content-Type": "multipart/form-data; boundary=b", "Content-Length": str(length)}
        return Wire("/api/uploads/", list(messages), {**bearer, **form})

    return make


def stored(home: Path) -> list[Path]:
    return [path for path in (home / "storage").glob("**/*") if path.is_file()]


def test_a_body_in_chunks_is_one_body(post: Callable[..., Wire]) -> None:
    status, found = post("/api/datasets/", chunk(b'{"title"', True), chunk(b':"x"}')).run()
    assert (status, found["slug"]) == (201, "x")


def test_a_declared_length_is_refused_unread(post: Callable[..., Wire]) -> None:
    wire = post("/api/datasets/", chunk(b"x" * 100), Content_Length=str((1 << 20) + 1))
    status, found = wire.run()
    assert (status, found["code"], wire.read) == (413, "body_too_large", 0)
    assert set(found) == {"code", "field", "detail", "request_id"}


def test_an_undeclared_length_is_counted(post: Callable[..., Wire]) -> None:
    wire = post("/api/datasets/", *[chunk(b"x" * 65536, True) for _ in range(100)])
    status, found = wire.run()
    assert (status, found["code"]) == (413, "body_too_large")
    assert wire.read <= (1 << 20) + 65536


@pytest.mark.parametrize("length", ["-1", "x", "1e3", "9" * 30, "+5", " 5"])
def test_a_length_that_is_none_is_named(post: Callable[..., Wire], length: str) -> None:
    assert post("/api/datasets/", chunk(b"{}"), Content_Length=length).run()[1]["code"] == "bad_message"


def test_only_a_service_may_send_much(post: Callable[..., Wire]) -> None:
    big = chunk(b'{"worker":"w","kinds":["ingest"]' + b" " * (2 << 20) + b"}")
    assert post("/api/internal/jobs/claim/", big).run()[0] == 413
    service = {"Authorization": f"Bearer {SERVICE_TOKEN}"}
    assert post("/api/internal/jobs/claim/", big, **service).run()[0] == 204
    assert post("/api/datasets/", big, **service).run()[0] == 413


def test_a_client_that_leaves_gets_no_answer(post: Callable[..., Wire]) -> None:
    wire = post("/api/datasets/", chunk(b"{", True), {"type": "http.disconnect"})
    assert wire.run() == (0, None)


def test_a_file_is_written_while_it_arrives(send_file: Callable[..., Wire], home: Path) -> None:
    half = threading.Event()

    class Slow(Wire):
        @override
        async def receive(self) -> Message:
            if len(self.messages) == 1:
                for _ in range(6000):
                    if any(path.name == "source.partial" and path.stat().st_size for path in stored(home)):
                        half.set()
                        break
                    await asyncio.sleep(0.01)
            return await super().receive()

    rows = b"1,2\n" * (1 << 16)
    wire = send_file(chunk(FORM + rows, True), chunk(rows, True), chunk(END), length=len(FORM + rows + rows + END))
    wire.__class__ = Slow
    status, found = wire.run()
    assert half.is_set()
    assert (status, found["bytes"]) == (201, 2 * len(rows))
    assert [path.read_bytes() for path in stored(home)] == [rows + rows]


def test_a_client_that_leaves_in_the_middle_leaves_nothing(send_file: Callable[..., Wire], home: Path) -> None:
    wire = send_file(chunk(FORM + b"1,2\n" * (1 << 16), True), {"type": "http.disconnect"}, length=1 << 20)
    wire.run()
    assert stored(home) == []
    assert not Upload.objects.exists()


def test_a_client_that_falls_silent_leaves_nothing(
    send_file: Callable[..., Wire], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body, "READ_TIMEOUT_S", 0.2)
    status, found = send_file(chunk(FORM + b"1,2\n", True), length=1 << 20).run()
    assert (status, found["code"]) == (400, "bad_message")
    assert stored(home) == []


def test_too_large_a_file_is_refused_unread(send_file: Callable[..., Wire], settings: Settings) -> None:
    settings.UPLOAD_MAX_BYTES = 1 << 20
    wire = send_file(chunk(FORM), length=(10 << 30) + 1)
    assert (wire.run()[0], wire.read) == (413, 0)


def test_a_file_that_grows_past_the_limit_is_cut_off(
    send_file: Callable[..., Wire], settings: Settings, home: Path
) -> None:
    settings.UPLOAD_MAX_BYTES = 1 << 20
    endless = [chunk(FORM, True), *[chunk(b"1,2\n" * (1 << 14), True) for _ in range(100)]]
    wire = send_file(*endless, length=1 << 20)
    wire.scope["headers"].append(ASKS)
    status, found = wire.run()
    assert (status, found["code"]) == (413, "body_too_large")
    assert wire.read <= (1 << 20) + (1 << 18)
    assert stored(home) == []


def test_a_stranger_s_file_is_not_even_read(home: Path) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=b", "Content-Length": "500", "Host": "localhost"}
    wire = Wire("/api/uploads/", [chunk(FORM + CSV, True)], headers)
    wire.scope["headers"].append(ASKS)
    assert (wire.run()[0], wire.read) == (401, 0)
    assert stored(home) == []


def test_an_answer_waits_for_what_is_on_its_way(home: Path) -> None:
    """A proxy that sends without asking would lose an answer whose connection is reset."""
    rest = [chunk(b"1,2\n" * 1000, True), chunk(END)]
    wire = Wire("/api/uploads/", [chunk(FORM, True), *rest], {"Content-Length": "500", "Host": "localhost"})
    status, found = wire.run()
    assert (status, found["code"]) == (401, "auth_required")
    assert wire.messages == []
    assert [message.get("more_body") for message in wire.sent[1:]] == [True, False]
    assert stored(home) == []


def test_an_answer_waits_for_nobody_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "DRAIN_S", 0.1)
    wire = Wire("/api/uploads/", [chunk(FORM, True)], {"Content-Length": "500", "Host": "localhost"})
    assert wire.run()[0] == 401
    assert wire.sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False}


def test_only_http_is_served() -> None:
    wire = Wire("/", [], {})
    wire.scope["type"] = "websocket"
    with pytest.raises(ValueError, match="only HTTP"):
        wire.run()
