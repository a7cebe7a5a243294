"""Whether the database answers, and has every migration of this release."""

import time
from collections.abc import Callable

import structlog
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

log = structlog.get_logger(__name__)

POLL_S = 1.0


def is_reachable() -> bool:
    """Whether the database answers."""
    return _succeeds(connection.ensure_connection)


def is_migrated() -> bool:
    """Whether the database answers and has every migration."""
    plans: list[object] = []

    def load_plan() -> None:
        executor = MigrationExecutor(connection)
        plans.extend(executor.migration_plan(executor.loader.graph.leaf_nodes()))

    return _succeeds(load_plan) and not plans


def wait_for_database(seconds: float) -> bool:
    """Whether the database answers within this time."""
    return _poll(is_reachable, seconds)


def wait_for_migrations(seconds: float) -> bool:
    """Whether the database has every migration within this time."""
    return _poll(is_migrated, seconds)


def _succeeds(query: Callable[[], object]) -> bool:
    try:
        query()
    except DatabaseError as error:
        log.warning("database_not_ready", error=repr(error))
        # A broken connection must not be used again.
        connection.close()
        return False
    return True


def _poll(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(POLL_S, left))
    return True
