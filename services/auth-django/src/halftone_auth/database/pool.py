"""Returns a connection to the pool during slow work that needs none; otherwise a few uploads would hold them all."""

from django.db import connection


def release_connection() -> None:
    """Returns this thread's connection; the next query takes one again. Inside a transaction the connection is kept."""
    if not connection.in_atomic_block:
        connection.close()
