from pathlib import Path

from auth_rig.processes import environment, started, until
from halftone_servicekit.heartbeat import EVERY_S
from halftone_servicekit.testing_servers import Redis


def test_it_starts_without_a_broker_beats_and_keeps_no_file(redis: Redis, tmp_path: Path) -> None:
    log, beat, home = tmp_path / "log", tmp_path / "beat", tmp_path / "home"
    given = environment(home, HALFTONE_BROKER_URL=redis.url, HALFTONE_HEARTBEAT_FILE=str(beat))
    redis.stop()
    with started(given, log, "halftone_auth", "beat") as clock:
        until(beat.exists, log)
        first = beat.stat().st_mtime
        until(lambda: beat.stat().st_mtime > first, log, 12 * EVERY_S)
        assert clock.poll() is None
    assert clock.returncode == 0, log.read_text()
    assert list(home.iterdir()) == []
