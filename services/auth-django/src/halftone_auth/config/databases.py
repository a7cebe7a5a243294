"""The `DATABASES` entry of a database URL: SQLite in a file, or PostgreSQL behind a connection pool."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

SHAPES = (
    "HALFTONE_DATABASE_URL must look like sqlite:///relative/path, sqlite:////absolute/path "
    "or postgresql://user:password@host:port/database"
)
# How long a request waits for a connection; after that the response is 503.
POOL_WAIT_S = 1.5
NAMES = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


def configuration(url: str, pool: int, statement_timeout_ms: int) -> dict[str, Any]:
    """An entry of `DATABASES`. Raises `ValueError` for any other URL, without its text, which may hold a password."""
    scheme = url.partition("://")[0]
    if scheme == "sqlite":
        return sqlite(url)
    if scheme in ("postgresql", "postgres"):
        return postgres(url, pool, statement_timeout_ms)
    raise ValueError(SHAPES)


def sqlite(url: str) -> dict[str, Any]:
    """One file, one writer at a time."""
    parts = urlsplit(url)
    if parts.netloc or len(parts.path) < 2:
        raise ValueError(SHAPES)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": Path(unquote(parts.path[1:])),
        "OPTIONS": {
            # Writers queue at BEGIN; a deferred transaction would fail half-way with "database is locked".
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA journal_size_limit=67108864;",
        },
    }


def postgres(url: str, pool: int, statement_timeout_ms: int) -> dict[str, Any]:
    """Up to `pool` connections of this process; each is checked before use."""
    try:
        given = conninfo_to_dict(url)
    except psycopg.Error as error:
        raise ValueError(SHAPES) from error
    if not given.get("dbname"):
        raise ValueError(SHAPES)
    named = {NAMES[key]: str(value) for key, value in given.items() if key in NAMES}
    options: dict[str, Any] = {
        "connect_timeout": 2,
        "application_name": "halftone-auth",
        # Detect a vanished server within seconds, on idle and on busy connections.
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": 3000,
        **{key: value for key, value in given.items() if key not in NAMES},
    }
    limits = f"-c statement_timeout={statement_timeout_ms} -c idle_in_transaction_session_timeout=60000"
    options["options"] = f"{options.get('options', '')} {limits}".strip()
    options["pool"] = {
        "min_size": 1,
        "max_size": pool,
        "timeout": POOL_WAIT_S,
        # After that the next request connects by itself: the pool's own backoff would outlast the outage.
        "reconnect_timeout": 1.0,
        "max_idle": 120.0,
        "max_lifetime": 1800.0,
    }
    return {
        "ENGINE": "django.db.backends.postgresql",
        **named,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }
