"""A connection is given back while something slow happens that needs none, or a few uploads would hold them all."""

from django.db import connection


def release_connection() -> None:
    """Gives this thread's connection back; the next query takes one again. Inside of a transaction it is kept."""
    if not connection.in_atomic_block:
        connection.close()
