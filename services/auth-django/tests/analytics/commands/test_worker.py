"""The worker and the clock on a real broker, which goes and comes back."""

import signal
import subprocess
from pathlib import Path

from analytics.upkeep.worker import SOFT_SHUTDOWN_S, SWEEP_TASK
from auth_rig.processes import environment, run, started, until
from celery import Celery
from halftone_servicekit.heartbeat import EVERY_S, age
from halftone_servicekit.testing_servers import Redis


def test_it_sweeps_beats_through_an_outage_and_goes_when_told(redis: Redis, tmp_path: Path) -> None:
    log, beat = tmp_path / "log", tmp_path / "beat"
    given = environment(tmp_path / "home", HALFTONE_BROKER_URL=redis.url, HALFTONE_HEARTBEAT_FILE=str(beat))
    assert run(given, "prepare", "-v", "0").returncode == 0
    with started(given, log, "halftone_auth", "worker") as worker:
        ask(redis)
        until(lambda: log.read_text().count('"swept"') == 1, log)
        redis.stop()
        until(lambda: "Cannot connect" in log.read_text(), log)
        beats_again(beat, log, worker)
        redis.start()
        ask(redis)
        # The first may come again: it is said to be done after it is done, and the broker was gone soon.
        until(lambda: log.read_text().count('"swept"') >= 2, log)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(SOFT_SHUTDOWN_S / 4) == 0, log.read_text()


def ask(redis: Redis) -> None:
    app = Celery(broker=redis.url, set_as_current=False)
    app.send_task(SWEEP_TASK, queue="default", ignore_result=True)
    app.close()


def beats_again(beat: Path, log: Path, process: subprocess.Popen[bytes]) -> None:
    """Two beats from now on."""
    for _ in range(2):
        before = beat.stat().st_mtime
        until(lambda before=before: beat.stat().st_mtime > before, log, 12 * EVERY_S)  # type: ignore[misc]
    assert process.poll() is None
    until(lambda: age(beat) < EVERY_S, log, 12 * EVERY_S)
