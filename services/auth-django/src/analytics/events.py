"""The log of events for running services, read by a monotonic cursor."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from halftone_auth.database.locks import Lock
from halftone_auth.redis import bus

from analytics.models import Event

BATCH = 1000
# Longer than any token lives that an event could concern.
KEPT = timedelta(days=8)


def emit(
    kind: Event.Kind,
    *,
    session_id: UUID | None = None,
    user_id: UUID | None = None,
    dataset_id: UUID | None = None,
    version_id: UUID | None = None,
) -> None:
    """Writes an event. Inside a transaction it becomes visible, and is published on the bus, at the commit."""
    with transaction.atomic():
        _serialise_commits()
        event = Event.objects.create(
            kind=kind, session_id=session_id, user_id=user_id, dataset_id=dataset_id, version_id=version_id
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


def since(after: int) -> tuple[int, Sequence[Event]]:
    """The events after a cursor, oldest first and at most 1000, with the cursor for the next call.

    A cursor beyond the newest event, from a replaced database, is reset to the newest.
    """
    events = list(Event.objects.filter(id__gt=after).order_by("id")[:BATCH])
    return (events[-1].pk if events else min(after, cursor())), events


def forget_old(now: datetime) -> int:
    """Deletes expired events; keeps the newest, so that the cursor never goes back."""
    count, _ = Event.objects.filter(created_at__lt=now - KEPT, id__lt=cursor()).delete()
    return count
