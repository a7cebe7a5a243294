"""Reads events from the auth service, periodically and when woken, and applies them to the sockets they concern."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from typing import Final, Protocol

import structlog
from halftone.v1.session_pb2 import Version
from halftone_servicekit.errors import HalftoneError

from halftone_gateway.access.auth_client import AuthClient
from halftone_gateway.access.grants import Grants
from halftone_gateway.metrics import EVENT_POLLS, EVENTS

log = structlog.get_logger(__name__)


class Subscriber(Protocol):
    """A socket that has signed in, as an event acts on it."""

    @property
    def subject(self) -> str: ...
    @property
    def sign_in(self) -> str: ...
    def revoked(self) -> None: ...
    def permission_changed(self, dataset_id: str) -> None: ...
    def version_published(self, dataset_id: str, version: Version) -> None: ...
    def dataset_deleted(self, dataset_id: str) -> None: ...


class Subscribers(Protocol):
    """The sockets of the process that have signed in; `matches` picks some of them."""

    def signed_in(self, matches: Callable[[Subscriber], bool] = ...) -> Iterable[Subscriber]: ...


class EventReader:
    """Keeps the cursor of the events: after an outage of auth it reads on from there."""

    def __init__(self, auth: AuthClient, grants: Grants, registry: Subscribers, interval_s: float) -> None:
        self._auth = auth
        self._grants = grants
        self._registry = registry
        self._interval_s = interval_s
        self._cursor: int | None = None
        self._reachable = True
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """There are new events: reads them at once."""
        self._woken.set()

    async def run(self) -> None:
        """Never returns."""
        while True:
            # Before the read: a wake during it causes another.
            self._woken.clear()
            try:
                await self.poll()
                self._log_change(reachable=True)
            except (HalftoneError, TypeError, ValueError, KeyError) as error:
                self._log_change(reachable=False, error=str(error))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._interval_s):
                    await self._woken.wait()

    async def poll(self) -> None:
        """Reads once. Raises HalftoneError, or what a malformed answer causes."""
        answer = await self._auth.events(self._cursor)
        events = answer["events"]
        if not isinstance(events, list):
            raise TypeError("events are no list")
        for event in events:
            self.apply({str(name): str(value) for name, value in event.items() if value is not None})
        self._cursor = int(str(answer["cursor"]))

    def apply(self, event: dict[str, str]) -> None:
        """Applies one event; an unknown kind changes nothing."""
        kind = event.get("kind", "")
        handler = _HANDLERS.get(kind)
        EVENTS.labels(kind if handler else "unknown").inc()
        if handler is None:
            return
        try:
            handler(event, self._grants, self._registry)
        except KeyError as error:
            # Skipped: retrying it for ever would block all later events.
            log.error("event_incomplete", kind=kind, missing=str(error))

    def _log_change(self, *, reachable: bool, error: str = "") -> None:
        EVENT_POLLS.labels("ok" if reachable else "failed").inc()
        if reachable != self._reachable:
            self._reachable = reachable
            log.warning("events_reachable" if reachable else "events_unreachable", error=error)


def _session_revoked(event: dict[str, str], _grants: Grants, registry: Subscribers) -> None:
    for connection in registry.signed_in(lambda one: one.sign_in == event["session_id"]):
        connection.revoked()


def _user_revoked(event: dict[str, str], grants: Grants, registry: Subscribers) -> None:
    grants.forget(subject=event["user_id"])
    for connection in registry.signed_in(lambda one: one.subject == event["user_id"]):
        connection.revoked()


def _permission_changed(event: dict[str, str], grants: Grants, registry: Subscribers) -> None:
    user_id, dataset_id = event.get("user_id", ""), event.get("dataset_id", "")
    grants.forget(dataset_id=dataset_id, subject=user_id)
    for connection in registry.signed_in(lambda one: user_id in ("", one.subject)):
        connection.permission_changed(dataset_id)


def _version_published(event: dict[str, str], grants: Grants, registry: Subscribers) -> None:
    version = Version(version_id=event["version_id"])
    grants.forget(dataset_id=event["dataset_id"])
    for connection in registry.signed_in():
        connection.version_published(event["dataset_id"], version)


def _dataset_deleted(event: dict[str, str], grants: Grants, registry: Subscribers) -> None:
    grants.forget(dataset_id=event["dataset_id"])
    for connection in registry.signed_in():
        connection.dataset_deleted(event["dataset_id"])


_HANDLERS: Final[dict[str, Callable[[dict[str, str], Grants, Subscribers], None]]] = {
    "session_revoked": _session_revoked,
    "user_revoked": _user_revoked,
    "permission_changed": _permission_changed,
    "version_published": _version_published,
    "dataset_deleted": _dataset_deleted,
}
