from pathlib import Path

from auth_rig.processes import environment, run, started, until
from halftone_servicekit.testing_servers import Postgres


def test_it_waits_for_the_database_and_for_its_migrations(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with Postgres() as server:
        url = server.create("later")
        given = environment(tmp_path / "home", HALFTONE_DATABASE_URL=url)
        server.stop()
        with started(given, log, "halftone_auth", "wait_prepared") as waiting:
            until(lambda: "database_not_ready" in log.read_text(), log)
            server.start()
            assert run(given, "prepare", "-v", "0").returncode == 0
            assert waiting.wait(60) == 0, log.read_text()


def test_it_gives_up(tmp_path: Path) -> None:
    done = run(environment(tmp_path / "home"), "wait_prepared", "--timeout", "0")
    assert (done.returncode, done.stderr) == (1, "CommandError: The database was not prepared within 0 s.\n")
