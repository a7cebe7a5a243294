import socket
from pathlib import Path

import pytest
from auth_rig.clock import usual_seconds
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from halftone_auth.storage import storage
from halftone_servicekit.storage import StorageAddress
from halftone_servicekit.testing_servers import Redis
from monitoring.views import storage_probe
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

pytestmark = pytest.mark.django_db


def test_health_needs_nothing(anonymous: APIClient) -> None:
    assert anonymous.get("/healthz").json() == {"status": "ok"}


def test_ready_means_that_everything_works(anonymous: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage_probe, "_seconds", 60)
    answer = anonymous.get("/readyz")
    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "ready", "checks": {"database": True, "keys": True}, "storage": True, "redis": {}},
    )


def test_a_redis_that_is_away_is_told_and_no_reason(anonymous: APIClient, settings: Settings, redis: Redis) -> None:
    settings.BUS_URL = settings.CACHE_URL = redis.url
    assert anonymous.get("/readyz").json()["redis"] == {"bus": True, "cache": True}
    redis.stop()
    answer = anonymous.get("/readyz")
    assert (answer.status_code, answer.json()["redis"]) == (200, {"bus": False, "cache": False})


def test_without_a_key_it_is_not_ready(anonymous: APIClient, settings: Settings, tmp_path: Path) -> None:
    settings.SIGNING_KEYS = tmp_path / "none"
    answer = anonymous.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["keys"]) == (503, False)


def test_storage_that_is_away_is_told_and_keeps_nobody_from_signing_in(
    anonymous: APIClient, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    settings.STORAGE = StorageAddress(f"file://{tmp_path}/file/storage")
    answer = anonymous.get("/readyz")
    assert (answer.status_code, answer.json()["storage"]) == (200, False)


def test_storage_that_hangs_does_not_hold_the_probe(anonymous: APIClient, settings: Settings) -> None:
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        settings.STORAGE = StorageAddress(
            "s3://bucket/prefix", f"http://127.0.0.1:{mute.getsockname()[1]}", "us-east-1", "key", "secret"
        )
        answers: list[tuple[int, bool]] = []

        def ask() -> None:
            answer = anonymous.get("/readyz")
            answers.append((answer.status_code, answer.json()["storage"]))

        # The chart's probe waits so long.
        assert usual_seconds(ask) < 3
        assert answers == [(200, False)] * 3
    # Nobody listens any more, so the question ends.
    assert storage_probe._running is not None
    assert storage_probe._running.result(120) is False
    storage().close()


def test_without_its_migrations_it_is_not_ready(anonymous: APIClient) -> None:
    [newest] = MigrationLoader(connection).graph.leaf_nodes("analytics")
    MigrationRecorder(connection).record_unapplied(*newest)
    answer = anonymous.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["database"]) == (503, False)


def test_the_metrics_are_prometheus_s(anonymous: APIClient) -> None:
    answer = anonymous.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert b"halftone_auth_jobs" in answer.content
