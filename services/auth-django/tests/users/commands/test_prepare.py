import itertools
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
from auth_rig.processes import environment, run
from halftone_servicekit.testing_servers import Postgres

_number = itertools.count()


def fresh(postgres: Postgres) -> str:
    return postgres.create(f"prepare{next(_number)}")


def test_two_at_once_take_turns_and_a_third_changes_nothing(postgres: Postgres, tmp_path: Path) -> None:
    url = fresh(postgres)
    given = environment(tmp_path / "home", HALFTONE_DATABASE_URL=url)
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: run(given, "prepare", "-v", "0"), range(2)))
    assert [done.returncode for done in both] == [0, 0], [done.stderr for done in both]
    told = "".join(done.stdout for done in both)
    assert told.count("Made the administrator") == 1
    assert told.count("first_signing_key") == 1
    assert run(given, "prepare", "-v", "0").returncode == 0
    assert run(given, "wait_prepared", "--timeout", "0").returncode == 0
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM users_user").fetchone() == (1,)
    assert len(list((tmp_path / "home" / "keys").glob("*.pem"))) == 1


def test_a_key_folder_that_is_not_ours_is_left_alone(postgres: Postgres, tmp_path: Path) -> None:
    given = environment(
        tmp_path / "home", HALFTONE_DATABASE_URL=fresh(postgres), HALFTONE_SIGNING_KEYS="/proc/halftone-keys"
    )
    assert run(given, "prepare", "-v", "0").returncode == 0


def test_what_is_wrong_is_said_in_one_sentence(postgres: Postgres, nobody: int, tmp_path: Path) -> None:
    cases = {
        f"postgresql://me:hidden@127.0.0.1:{nobody}/x": "CommandError: The database could not be reached for 0 s.",
        "mysql://me:hidden@host/x": "HALFTONE_DATABASE_URL must look like",
    }
    for url, sentence in cases.items():
        done = run(environment(tmp_path / "home", HALFTONE_DATABASE_URL=url), "prepare", "--wait", "0")
        assert done.returncode == 1
        assert sentence in done.stderr
        assert "Traceback" not in done.stderr
        assert "hidden" not in done.stdout + done.stderr
    unnamed = environment(tmp_path / "home", HALFTONE_DATABASE_URL=fresh(postgres), HALFTONE_ADMIN_PASSWORD="")
    done = run(unnamed, "prepare", "-v", "0")
    assert (done.returncode, done.stderr) == (1, "CommandError: HALFTONE_ADMIN_PASSWORD is not set.\n")


def test_it_works_on_a_file_too(tmp_path: Path) -> None:
    given = environment(tmp_path / "home")
    assert run(given, "prepare", "-v", "0").returncode == 0
    assert (tmp_path / "home" / "halftone.sqlite3").exists()
