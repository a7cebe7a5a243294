"""Locks that hold across every replica of this service: PostgreSQL's advisory locks, by number."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from django.db import connection


class Lock(IntEnum):
    """Every advisory lock that we take; the numbers are ours alone in our database."""

    EVENTS = 7_203_001
    PREPARE = 7_203_002
    SWEEP = 7_203_003


# A SQLite has one process that writes.
_local: defaultdict[Lock, threading.Lock] = defaultdict(threading.Lock)


@contextmanager
def turn(lock: Lock) -> Iterator[None]:
    """Waits until nobody else is inside, on this connection."""
    if connection.vendor != "postgresql":
        with _local[lock]:
            yield
        return
    _ask("SELECT pg_advisory_lock(%s)", lock)
    try:
        yield
    finally:
        _ask("SELECT pg_advisory_unlock(%s)", lock)


@contextmanager
def alone(lock: Lock) -> Iterator[bool]:
    """Whether nobody else is inside, without waiting."""
    if connection.vendor != "postgresql":
        taken = _local[lock].acquire(blocking=False)
        try:
            yield taken
        finally:
            if taken:
                _local[lock].release()
        return
    taken = _ask("SELECT pg_try_advisory_lock(%s)", lock)
    try:
        yield taken
    finally:
        if taken:
            _ask("SELECT pg_advisory_unlock(%s)", lock)


def _ask(statement: str, lock: Lock) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, [int(lock)])
        row = cursor.fetchone()
        return row is not None and row[0] is True
