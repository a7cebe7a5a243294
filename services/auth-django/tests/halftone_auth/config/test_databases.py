from pathlib import Path

import pytest
from halftone_auth.config.databases import POOL_WAIT_S, configuration


def test_sqlite_is_a_file() -> None:
    found = configuration("sqlite:////a%20folder/b.db", 8, 15000)
    assert found["NAME"] == Path("/a folder/b.db")
    assert found["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_postgres_is_pooled_checked_and_bounded() -> None:
    found = configuration("postgresql://me:p%40ss@db.example:5433/points?sslmode=require", 5, 1200)
    assert found["ENGINE"] == "django.db.backends.postgresql"
    assert found["CONN_HEALTH_CHECKS"] is True
    told = [found[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")]
    assert told == ["me", "p@ss", "db.example", "5433", "points"]
    options = found["OPTIONS"]
    assert (options["sslmode"], options["pool"]["max_size"], options["pool"]["timeout"]) == ("require", 5, POOL_WAIT_S)
    assert "statement_timeout=1200" in options["options"]


def test_options_of_the_address_are_kept() -> None:
    options = configuration("postgres://db/points?options=-c%20jit%3Doff&connect_timeout=9", 5, 1200)["OPTIONS"]
    assert options["options"].startswith("-c jit=off -c statement_timeout=1200")
    assert options["connect_timeout"] == "9"


@pytest.mark.parametrize(
    "url", ["", "x", "mysql://host/x", "sqlite://host/x", "sqlite:///", "postgresql://me:hidden@host", "postgresql://["]
)
def test_another_address_is_refused_and_not_quoted(url: str) -> None:
    with pytest.raises(ValueError, match="HALFTONE_DATABASE_URL must look like") as refused:
        configuration(url, 8, 15000)
    assert "hidden" not in str(refused.value)
