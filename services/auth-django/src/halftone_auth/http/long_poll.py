"""Long polls: a request that names a cursor and a `wait` is held until something newer than the cursor exists.

It is held here, before Django: a view that waits holds a thread, and with it a database connection. What this process
commits ends a hold at once (`newer_exists`); what other processes commit is seen by one query each second, on one
thread, and only while a request is held.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl

from django.db import DatabaseError

from halftone_auth.http.body import Message, Receive, Scope, Send, header
from halftone_auth.http.service_token import is_service

MAX_WAIT_S: Final = 30
# The longest that a commit of another process stays unseen.
QUERY_S: Final = 1.0
# More requests are answered at once.
PLACES: Final = 256

Application = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass(eq=False, slots=True)
class Hold:
    """A request that is held: its cursor, and the event that ends the hold."""

    after: int
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class LongPoll:
    """ASGI middleware for one path. `newest` gives the id that cursors are compared with; it may raise DatabaseError.

    Django checks and answers every request itself; one that it would refuse is not held.
    """

    def __init__(
        self, application: Application, path: str, newest: Callable[[], int], query_s: float = QUERY_S
    ) -> None:
        self._application = application
        self._path = path
        self._newest = newest
        self._query_s = query_s
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="long-poll")
        self._holds: set[Hold] = set()
        self._queries: asyncio.Task[None] | None = None
        self._first_queries: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    @property
    def held(self) -> int:
        """Number of requests that are held now."""
        return len(self._holds)

    @property
    def is_querying(self) -> bool:
        """Whether the newest id is asked for again and again."""
        return self._queries is not None and not self._queries.done()

    def newer_exists(self, newest: int) -> None:
        """Ends the holds with a smaller cursor; callable from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._end, lambda hold: hold.after < newest)

    def close(self) -> None:
        """Ends every hold and holds nothing more; callable from any thread and signal handler."""
        self._closed = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._end, lambda _: True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        cursor_and_wait = self._parse(scope)
        if cursor_and_wait is None or self._closed or len(self._holds) >= PLACES:
            await self._application(scope, receive, send)
            return
        first = await receive()
        if await self._hold(*cursor_and_wait, receive):
            await self._application(scope, _after(first, receive), send)

    def _parse(self, scope: Scope) -> tuple[int, float] | None:
        """The cursor and the seconds to wait; None for a request that is not held."""
        if scope["type"] != "http" or scope["path"] != self._path or scope["method"] != "GET" or _has_body(scope):
            return None
        pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        query = dict(pairs)
        if len(query) != len(pairs) or query.keys() != {"after", "wait"} or not all(map(is_natural, query.values())):
            return None
        wait_s = int(query["wait"])
        if not 0 < wait_s <= MAX_WAIT_S or not is_service(header(scope, b"authorization").decode("latin-1")):
            return None
        return int(query["after"]), float(wait_s)

    async def _hold(self, after: int, wait_s: float, receive: Receive) -> bool:
        """Waits for something newer, for `wait_s` at most. False: the client has left."""
        self._loop = asyncio.get_running_loop()
        hold = Hold(after)
        # Before the query: what is committed after it ends the hold.
        self._holds.add(hold)
        # Without a body, only the client's leaving comes next.
        left = asyncio.ensure_future(receive())
        ended = asyncio.create_task(hold.ended.wait())
        try:
            # Not awaited: the wait is over in time also while the database hangs.
            first = asyncio.create_task(self._query())
            self._first_queries.add(first)
            first.add_done_callback(self._first_queries.discard)
            if not self.is_querying:
                self._queries = asyncio.create_task(self._query_while_held())
            await asyncio.wait((left, ended), timeout=wait_s, return_when=asyncio.FIRST_COMPLETED)
            return not left.done()
        finally:
            self._holds.discard(hold)
            left.cancel()
            ended.cancel()
            await asyncio.gather(left, ended, return_exceptions=True)

    async def _query_while_held(self) -> None:
        while self._holds:
            await asyncio.sleep(self._query_s)
            if self._holds:
                await self._query()

    async def _query(self) -> None:
        """Ends the holds whose cursor is not the newest id; every hold when the database does not answer."""
        try:
            newest = await asyncio.get_running_loop().run_in_executor(self._thread, self._newest)
        except DatabaseError:
            # The view meets the same error, and its answer tells the client.
            self._end(lambda _: True)
        else:
            # A greater cursor is from another database: the view brings it back.
            self._end(lambda hold: hold.after != newest)

    def _end(self, applies: Callable[[Hold], bool]) -> None:
        for hold in self._holds:
            if applies(hold):
                hold.ended.set()


def is_natural(text: str) -> bool:
    """Whether a query parameter is a whole number that a database takes."""
    return text.isascii() and text.isdigit() and len(text) <= 18


def _has_body(scope: Scope) -> bool:
    return any(header(scope, name) for name in (b"content-length", b"transfer-encoding"))


def _after(first: Message, receive: Receive) -> Receive:
    """A `receive` that gives the message that was read already, then those that follow."""
    read = [first]

    async def give() -> Message:
        return read.pop() if read else await receive()

    return give
