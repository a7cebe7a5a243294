"""The log of events for running services, read by a monotonic cursor."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from halftone_auth.database.locks import Lock
from halftone_auth.redis import bus
from halftone_servicekit.tokens import REVOCATION_LIFE_S

from analytics.models import Event

BATCH = 1000
# Longer than any token lives that an event could concern.
KEPT = timedelta(days=8)
# A reader that starts gets the events of this time: they may concern a token that is still valid.
RECENT = timedelta(seconds=REVOCATION_LIFE_S)


@dataclass(frozen=True, slots=True)
class Page:
    """Events, oldest first and at most 1000, the cursor for the next call, and whether that has more at once."""

    cursor: int
    events: Sequence[Event] = ()
    more: bool = False


def emit(
    kind: Event.Kind,
    *,
    session_id: UUID | None = None,
    user_id: UUID | None = None,
    dataset_id: UUID | None = None,
    version_id: UUID | None = None,
    token_version: int | None = None,
) -> None:
    """Writes an event. Inside a transaction it becomes visible, and is published on the bus, at the commit."""
    with transaction.atomic():
        _serialise_commits()
        event = Event.objects.create(
            kind=kind,
            session_id=session_id,
            user_id=user_id,
            dataset_id=dataset_id,
            version_id=version_id,
            token_version=token_version,
        )
        transaction.on_commit(lambda: bus.publish(event.pk))


def _serialise_commits() -> None:
    """Locks out other transactions with new events until this one ends, so that ids commit in order.

    Otherwise a reader could move its cursor past an id that commits later. SQLite has one writer anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(Lock.EVENTS)])


def cursor() -> int:
    """The id of the newest event; 0 when there is none."""
    return Event.objects.order_by("-id").values_list("id", flat=True).first() or 0


def newest() -> int:
    """The cursor, for one thread that asks again and again. Raises DatabaseError.

    PostgreSQL's pool gets its connection back each time. SQLite's stays open: opening it costs five times the query.
    """
    is_kept = connection.vendor == "sqlite"
    try:
        return cursor()
    except DatabaseError:
        is_kept = False
        raise
    finally:
        if not is_kept:
            connection.close()


def start(now: datetime) -> Page:
    """The cursor for a reader that has none: before every event that may concern a token that is valid now."""
    newest = cursor()
    recent = Event.objects.filter(created_at__gte=now - RECENT).order_by("id").values_list("id", flat=True).first()
    return Page(newest) if recent is None else Page(recent - 1, more=True)


def since(after: int) -> Page:
    """The events after a cursor. One beyond the newest event, from a replaced database, is reset to the newest."""
    events = list(Event.objects.filter(id__gt=after).order_by("id")[: BATCH + 1])
    if not events:
        return Page(min(after, cursor()))
    page = events[:BATCH]
    return Page(page[-1].pk, page, len(events) > BATCH)


def forget_old(now: datetime) -> int:
    """Deletes expired events; keeps the newest, so that the cursor never goes back."""
    count, _ = Event.objects.filter(created_at__lt=now - KEPT, id__lt=cursor()).delete()
    return count
