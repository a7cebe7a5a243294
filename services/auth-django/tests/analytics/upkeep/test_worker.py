import logging
import threading
import time
from pathlib import Path

import pytest
from analytics.upkeep import worker
from celery.beat import Service
from celery.schedules import schedule
from celery.worker import state
from django.db import OperationalError
from halftone_servicekit.heartbeat import Heartbeat
from halftone_servicekit.testing_servers import Redis
from kombu import Connection
from pytest_django.fixtures import Settings
from structlog.testing import capture_logs


def test_the_clock_asks_for_a_sweep_that_nobody_need_take_late(settings: Settings, redis: Redis) -> None:
    settings.BROKER_URL = redis.url
    scheduler = Service(worker.make_app(), scheduler_cls=worker.Scheduler).scheduler
    entry = scheduler.schedule["sweep"]
    scheduler.apply_entry(entry)
    with Connection(redis.url) as connection:
        queue = connection.SimpleQueue("default")
        message = queue.get(timeout=60)
        message.ack()
        queue.close()
    assert message.headers["task"] == "halftone.sweep"
    assert message.headers["expires"] is not None
    assert entry.schedule == schedule(60)


def test_a_broker_that_is_away_does_not_stop_the_clock(
    settings: Settings, redis: Redis, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings.BROKER_URL = redis.url
    monkeypatch.setattr(worker, "heartbeat", lambda: Heartbeat(tmp_path / "beat"))
    redis.stop()
    scheduler = Service(worker.make_app(), scheduler_cls=worker.Scheduler).scheduler
    scheduler.schedule["sweep"].last_run_at = scheduler.schedule["sweep"].default_now().replace(year=2020)
    with caplog.at_level(logging.ERROR, "celery.beat"):
        assert scheduler.tick() == 0
    assert "Couldn't apply scheduled task sweep" in caplog.text
    assert (tmp_path / "beat").exists()


@pytest.mark.django_db(transaction=True)
def test_a_sweep_tells_what_it_has_done(monkeypatch: pytest.MonkeyPatch) -> None:
    with capture_logs() as logs:
        worker.sweep()
    assert logs[-1]["event"] == "swept"
    assert logs[-1]["messages_sent"] == 0

    def away(_now: object) -> None:
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(worker, "try_sweep", away)
    with capture_logs() as logs:
        worker.sweep()
    assert [line["event"] for line in logs] == ["sweep_failed"]


@pytest.mark.parametrize(("patience_s", "is_idle"), [(60.0, True), (0.3, False)])
def test_a_stop_waits_for_the_tasks_that_run_and_no_longer(
    settings: Settings, redis: Redis, monkeypatch: pytest.MonkeyPatch, patience_s: float, is_idle: bool
) -> None:
    settings.BROKER_URL = redis.url
    app = worker.make_app()
    app.conf.worker_soft_shutdown_timeout = patience_s
    running = {"a sweep"}
    monkeypatch.setattr(state, "active_requests", running)
    stopping = object.__new__(app.Worker)
    assert isinstance(stopping, worker.UpkeepWorker)
    timer = threading.Timer(0.2, running.clear if is_idle else lambda: None)
    started = time.monotonic()
    timer.start()
    assert stopping.wait_for_soft_shutdown() is is_idle
    timer.join()
    assert 0.2 <= time.monotonic() - started < 30
