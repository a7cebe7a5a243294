"""Locks across all replicas: PostgreSQL advisory locks, by number. On SQLite, which has one process, thread locks."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from django.db import connection


class Lock(IntEnum):
    """The advisory locks of this service; the numbers are arbitrary and unique in its database."""

    EVENTS = 7_203_001
    PREPARE = 7_203_002
    SWEEP = 7_203_003
    UPLOADS = 7_203_004


# SQLite has one writing process.
_local: defaultdict[Lock, threading.Lock] = defaultdict(threading.Lock)


@contextmanager
def advisory_lock(lock: Lock) -> Iterator[None]:
    """Acquires the lock, waiting for it; holds it on this connection."""
    if connection.vendor != "postgresql":
        with _local[lock]:
            yield
        return
    _select("SELECT pg_advisory_lock(%s)", lock)
    try:
        yield
    finally:
        _select("SELECT pg_advisory_unlock(%s)", lock)


@contextmanager
def try_advisory_lock(lock: Lock) -> Iterator[bool]:
    """Tries to acquire the lock without waiting; yields whether it did."""
    if connection.vendor != "postgresql":
        taken = _local[lock].acquire(blocking=False)
        try:
            yield taken
        finally:
            if taken:
                _local[lock].release()
        return
    taken = _select("SELECT pg_try_advisory_lock(%s)", lock)
    try:
        yield taken
    finally:
        if taken:
            _select("SELECT pg_advisory_unlock(%s)", lock)


def _select(statement: str, lock: Lock) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, [int(lock)])
        row = cursor.fetchone()
        return row is not None and row[0] is True
