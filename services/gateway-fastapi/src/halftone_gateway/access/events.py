"""Reads events from the auth service and applies them to the sockets and grants that they concern.

Auth holds a request until there is an event (a long poll). When the bus announces one, the held request is given up
and the events are read at once. An auth service that cannot hold requests is polled periodically.
"""

import asyncio
import contextlib
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Protocol

import structlog
from halftone.v1.session_pb2 import Version
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_servicekit.tokens import AccessClaims

from halftone_gateway.access.auth_client import AuthClient
from halftone_gateway.access.grants import Change, Grants
from halftone_gateway.access.revocations import Revocations
from halftone_gateway.metrics import EVENT_POLLS, EVENTS

# Auth holds a request this long at most. Proxies between services cut what is silent for a minute.
HOLD_S: Final = 25
# An auth service that does not know holding is asked for it again after this time: it may have been updated.
_UNKNOWN_S: Final = 60.0

log = structlog.get_logger(__name__)


class Subscriber(Protocol):
    """A socket that has signed in, as an event acts on it."""

    @property
    def subject(self) -> str: ...
    @property
    def claims(self) -> AccessClaims | None: ...
    def revoked(self) -> None: ...
    def permission_changed(self, dataset_id: str) -> None: ...
    def version_published(self, dataset_id: str, version: Version) -> None: ...
    def dataset_deleted(self, dataset_id: str) -> None: ...


class Subscribers(Protocol):
    """The sockets of the process that have signed in; `matches` picks some of them."""

    def signed_in(self, matches: Callable[[Subscriber], bool] = ...) -> Iterable[Subscriber]: ...


@dataclass(frozen=True, slots=True)
class Concerned:
    """What events act on."""

    revocations: Revocations
    grants: Grants
    registry: Subscribers


class EventReader:
    """Keeps the cursor of the events: after an outage of auth it reads on from there.

    It begins with the events that may concern a token that is still valid.
    """

    def __init__(self, auth: AuthClient, concerned: Concerned, interval_s: float) -> None:
        self._auth = auth
        self._concerned = concerned
        self._interval_s = interval_s
        self._cursor: int | None = None
        self._reachable = True
        self._woken = asyncio.Event()
        self._holds_from = float("-inf")

    def wake(self) -> None:
        """There are new events: reads them at once."""
        self._woken.set()

    async def run(self) -> None:
        """Never returns. Requests are `interval_s` apart at least, except those that a wake causes."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + self._interval_s
            is_woken = self._woken.is_set()
            # Before the request: a wake during it causes another.
            self._woken.clear()
            if is_woken or self._cursor is None or loop.time() < self._holds_from:
                await self._ask(0)
            else:
                await self._ask_until_woken()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(due):
                    await self._woken.wait()

    async def _ask_until_woken(self) -> None:
        """Gives a held request up when woken. One that is not held always ends, however often wakes come."""
        request = asyncio.create_task(self._ask(HOLD_S))
        woken = asyncio.create_task(self._woken.wait())
        try:
            await asyncio.wait((request, woken), return_when=asyncio.FIRST_COMPLETED)
        finally:
            request.cancel()
            woken.cancel()
            await asyncio.gather(request, woken, return_exceptions=True)
        if not request.cancelled():
            # An error that `_ask` does not know ends `run`.
            request.result()

    async def _ask(self, wait_s: int) -> None:
        try:
            await self.poll(wait_s)
            self._log_change(reachable=True)
        except HalftoneError as error:
            if error.code == ErrorCode.UNKNOWN_FIELD:
                self._holds_from = asyncio.get_running_loop().time() + _UNKNOWN_S
            else:
                self._log_change(reachable=False, error=str(error))
        except (TypeError, ValueError, KeyError) as error:
            self._log_change(reachable=False, error=str(error))

    async def poll(self, wait_s: int) -> None:
        """Reads up to the newest event. Raises HalftoneError, or what a malformed answer causes."""
        while await self._read_page(wait_s):
            wait_s = 0
        self._concerned.revocations.known()

    async def _read_page(self, wait_s: int) -> bool:
        """Whether there are more events already."""
        answer = await self._auth.events(self._cursor, wait_s)
        # An auth service that does not say it begins with the newest event: what was revoked before stays unknown.
        more = bool(answer["more"] if self._cursor is None else answer.get("more"))
        events = answer["events"]
        if not isinstance(events, list):
            raise TypeError("events are no list")
        for event in events:
            self.apply({str(name): str(value) for name, value in event.items() if value is not None})
        self._cursor = int(str(answer["cursor"]))
        return more

    def apply(self, event: dict[str, str]) -> None:
        """Applies one event; an unknown kind changes nothing."""
        kind = event.get("kind", "")
        handler = _HANDLERS.get(kind)
        EVENTS.labels(kind if handler else "unknown").inc()
        if handler is None:
            return
        try:
            handler(event, self._concerned)
        except (KeyError, ValueError) as error:
            # Skipped: retrying it for ever would block all later events.
            log.error("event_unreadable", kind=kind, error=repr(error))

    def _log_change(self, *, reachable: bool, error: str = "") -> None:
        EVENT_POLLS.labels("ok" if reachable else "failed").inc()
        if reachable != self._reachable:
            self._reachable = reachable
            log.warning("events_reachable" if reachable else "events_unreachable", error=error)


def _session_revoked(event: dict[str, str], concerned: Concerned) -> None:
    concerned.revocations.end_session(event["session_id"])
    concerned.grants.forget(Change(session_id=event["session_id"]))
    _end_revoked(concerned)


def _user_revoked(event: dict[str, str], concerned: Concerned) -> None:
    # An auth service of the version before does not say which tokens are left: none.
    least_version = float(event.get("token_version", math.inf))
    concerned.revocations.end_sessions_of(event["user_id"], least_version)
    concerned.grants.forget(Change(subject=event["user_id"]))
    _end_revoked(concerned)


def _end_revoked(concerned: Concerned) -> None:
    revokes = concerned.revocations.revokes
    for connection in concerned.registry.signed_in(lambda one: one.claims is not None and revokes(one.claims)):
        connection.revoked()


def _permission_changed(event: dict[str, str], concerned: Concerned) -> None:
    user_id, dataset_id = event.get("user_id", ""), event.get("dataset_id", "")
    concerned.grants.forget(Change(dataset_id=dataset_id, subject=user_id))
    for connection in concerned.registry.signed_in(lambda one: user_id in ("", one.subject)):
        connection.permission_changed(dataset_id)


def _version_published(event: dict[str, str], concerned: Concerned) -> None:
    version = Version(version_id=event["version_id"])
    concerned.grants.forget(Change(dataset_id=event["dataset_id"]))
    for connection in concerned.registry.signed_in():
        connection.version_published(event["dataset_id"], version)


def _dataset_deleted(event: dict[str, str], concerned: Concerned) -> None:
    concerned.grants.forget(Change(dataset_id=event["dataset_id"]))
    for connection in concerned.registry.signed_in():
        connection.dataset_deleted(event["dataset_id"])


_HANDLERS: Final[dict[str, Callable[[dict[str, str], Concerned], None]]] = {
    "session_revoked": _session_revoked,
    "user_revoked": _user_revoked,
    "permission_changed": _permission_changed,
    "version_published": _version_published,
    "dataset_deleted": _dataset_deleted,
}
