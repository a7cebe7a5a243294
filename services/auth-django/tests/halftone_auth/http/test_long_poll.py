"""Long polls over real ASGI messages, before an application that says what it was asked."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from auth_rig.work import SERVICE_TOKEN
from django.db import DatabaseError
from halftone_auth.http import long_poll
from halftone_auth.http.body import Message, Receive, Scope, Send
from halftone_auth.http.long_poll import LongPoll

PATH = "/events/"
DEADLINE_S = 60.0


class Numbers:
    """What a database holds: the newest id, and how often it was asked for."""

    def __init__(self) -> None:
        self.newest = 7
        self.asked = 0
        self.is_away = False
        self.goes_on = threading.Event()
        self.goes_on.set()

    def __call__(self) -> int:
        self.asked += 1
        self.goes_on.wait(DEADLINE_S)
        if self.is_away:
            raise DatabaseError
        return self.newest


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers every request that it gets to see."""
    assert (await receive())["type"] == "http.request"
    await send({"type": "http.response.start", "status": 200})


class Request:
    """One request and its answer."""

    def __init__(self, poll: LongPoll, query: str, path: str = PATH, token: str = SERVICE_TOKEN) -> None:
        self.sent: list[Message] = []
        self._messages: asyncio.Queue[Message] = asyncio.Queue()
        self._messages.put_nowait({"type": "http.request", "body": b"", "more_body": False})
        scope: dict[str, Any] = {
            "type": "http",
            "method": "GET",
            "path": path,
            "query_string": query.encode(),
            "headers": [(b"authorization", f"Bearer {token}".encode())],
        }
        self.task = asyncio.ensure_future(poll(scope, self._messages.get, self._send))

    async def _send(self, message: Message) -> None:
        self.sent.append(message)

    def leave(self) -> None:
        """The client closes its connection."""
        self._messages.put_nowait({"type": "http.disconnect"})

    async def is_answered(self) -> bool:
        """Waits for the end; whether there was an answer."""
        async with asyncio.timeout(DEADLINE_S):
            await self.task
        return bool(self.sent)


@pytest.fixture
def numbers() -> Numbers:
    return Numbers()


@pytest.fixture
async def poll(numbers: Numbers) -> LongPoll:
    return LongPoll(application, PATH, numbers, query_s=0.02)


@asynccontextmanager
async def holding(poll: LongPoll, numbers: Numbers, query: str = "after=7&wait=30") -> AsyncIterator[Request]:
    """A request that is held, and has been compared with the newest id."""
    asked = numbers.asked
    request = Request(poll, query)
    async with asyncio.timeout(DEADLINE_S):
        while poll.held == 0 or numbers.asked < asked + 2:  # noqa: ASYNC110 - counted on another thread
            await asyncio.sleep(0.001)
    assert not request.task.done()
    yield request
    request.leave()
    await request.task


@pytest.mark.parametrize("after", [6, 8, 1000])
async def test_another_cursor_than_the_newest_is_answered_at_once(poll: LongPoll, after: int) -> None:
    started = time.monotonic()
    assert await Request(poll, f"after={after}&wait=30").is_answered()
    assert time.monotonic() - started < 20
    assert poll.held == 0


async def test_a_commit_of_this_process_ends_the_hold(numbers: Numbers) -> None:
    poll = LongPoll(application, PATH, numbers, query_s=3600)
    request = Request(poll, "after=7&wait=30")
    async with asyncio.timeout(DEADLINE_S):
        while poll.held == 0 or numbers.asked == 0:  # noqa: ASYNC110 - counted on another thread
            await asyncio.sleep(0.001)
    await asyncio.to_thread(poll.newer_exists, 7)
    await asyncio.sleep(0)
    assert not request.task.done()
    started = time.monotonic()
    await asyncio.to_thread(poll.newer_exists, 8)
    assert await request.is_answered()
    assert time.monotonic() - started < 20


async def test_a_commit_of_another_process_is_found(poll: LongPoll, numbers: Numbers) -> None:
    async with holding(poll, numbers) as request:
        numbers.newest = 8
        assert await request.is_answered()


async def test_the_answer_comes_when_the_wait_is_over(poll: LongPoll) -> None:
    started = time.monotonic()
    assert await Request(poll, "after=7&wait=1").is_answered()
    assert 0.9 < time.monotonic() - started < 20


async def test_the_wait_is_over_in_time_while_the_database_hangs(poll: LongPoll, numbers: Numbers) -> None:
    numbers.goes_on.clear()
    try:
        assert await Request(poll, "after=7&wait=1").is_answered()
    finally:
        numbers.goes_on.set()


async def test_a_database_that_is_away_ends_the_hold(poll: LongPoll, numbers: Numbers) -> None:
    async with holding(poll, numbers) as request:
        numbers.is_away = True
        assert await request.is_answered()


async def test_a_client_that_leaves_frees_its_place_and_ends_the_queries(poll: LongPoll, numbers: Numbers) -> None:
    async with holding(poll, numbers) as request:
        request.leave()
        assert not await request.is_answered()
        assert poll.held == 0
    async with asyncio.timeout(DEADLINE_S):
        while poll.is_querying:  # noqa: ASYNC110 - it ends by itself
            await asyncio.sleep(0.001)


async def test_the_end_of_the_process_ends_every_hold(poll: LongPoll, numbers: Numbers) -> None:
    async with holding(poll, numbers) as request:
        poll.close()
        assert await request.is_answered()
    assert await Request(poll, "after=7&wait=30").is_answered()


async def test_more_than_there_are_places_for_are_answered_at_once(
    poll: LongPoll, numbers: Numbers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_poll, "PLACES", 1)
    async with holding(poll, numbers):
        assert await Request(poll, "after=7&wait=30").is_answered()
        assert poll.held == 1


@pytest.mark.parametrize(
    "query",
    [
        "",
        "after=7",
        "wait=30",
        "after=7&wait=0",
        "after=7&wait=31",
        "after=7&wait=x",
        "after=7&after=7&wait=1",
        "after=7&wait=1&a=b",
    ],
)
async def test_what_django_refuses_or_answers_at_once_is_not_held(poll: LongPoll, numbers: Numbers, query: str) -> None:
    assert await Request(poll, query).is_answered()
    assert numbers.asked == 0


async def test_only_services_are_held_and_only_there(poll: LongPoll, numbers: Numbers) -> None:
    assert await Request(poll, "after=7&wait=30", token="x").is_answered()
    assert await Request(poll, "after=7&wait=30", path="/other/").is_answered()
    assert numbers.asked == 0
