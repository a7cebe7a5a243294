"""The scripts that start the embedded servers do start them: run with the installed programs, paths moved aside."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
import redis

from tests.e2e.product import free_ports

from .render import Release, matrix, render

DEADLINE_S = 60
PASSWORD = "p@ss'wo\"r d\\"
RUNNING: list[subprocess.Popen[bytes]] = []


def moved(name: str, folder: Path, changes: dict[str, str]) -> Path:
    """The files of a server's ConfigMap, with what lies at the root of its container below `folder`."""
    target = folder / "config"
    target.mkdir()
    for file, text in matrix("default").one("ConfigMap", f"halftone-{name}")["data"].items():
        for old, new in changes.items():
            text = text.replace(old, new)
        (target / file).write_text(text)
    return target


def command(*words: str | Path) -> list[str]:
    """Postgres refuses to be root; the user of its package is there where it is installed."""
    drop = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
    return [*drop, *map(str, words)]


def until(ready: Callable[[], bool]) -> None:
    limit = time.monotonic() + DEADLINE_S
    while not ready():
        assert time.monotonic() < limit, "the server was not ready in time"
        time.sleep(0.005)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that another user can reach, with a short path, as sockets want it."""
    path = Path(tempfile.mkdtemp(prefix="halftone-"))
    path.chmod(0o755)
    for name in ("run", "data"):
        (path / name).mkdir()
    (path / "run" / "password").write_text(PASSWORD)
    RUNNING.clear()
    yield path
    for server in RUNNING:
        # A test that failed leaves a server, and a server its children.
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()
    shutil.rmtree(path)


def started(config: Path, folder: Path) -> subprocess.Popen[bytes]:
    if os.getuid() == 0:
        subprocess.run(["chown", "-R", "postgres", str(folder)], check=True)
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command("sh", config / "start.sh"), stdout=quiet, stderr=quiet, start_new_session=True)
    RUNNING.append(server)
    return server


def is_ready(config: Path) -> bool:
    return subprocess.run(command("sh", config / "ready.sh"), capture_output=True, check=False).returncode == 0


def postgres(folder: Path) -> tuple[Path, int]:
    """The files of Postgres, and the port it will be at."""
    (port,) = free_ports(1)
    changes = {
        "/etc/halftone": f"{folder}/config",
        "/run/halftone/database": f"{folder}/run",
        "/var/lib/postgresql/data": f"{folder}/data",
        "unix_socket_directories=/tmp": f"unix_socket_directories={folder} -c port={port}",
        "--host=127.0.0.1": f"--host=127.0.0.1 --port={port}",
    }
    return moved("postgres", folder, changes), port


needs_postgres = pytest.mark.skipif(
    not list(Path("/usr/lib/postgresql").glob("*")), reason="needs the Debian package postgresql"
)


@needs_postgres
def test_postgres_is_made_once_asks_for_its_password_and_stops_under_open_connections(folder: Path) -> None:
    config, port = postgres(folder)
    address = f"host=127.0.0.1 port={port} user=halftone dbname=halftone"
    for attempt in range(2):
        server = started(config, folder)
        until(lambda: is_ready(config))
        connection = psycopg.connect(address, password=PASSWORD, autocommit=True)
        if attempt == 0:
            connection.execute("CREATE TABLE kept (x integer)")
            with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
                psycopg.connect(address, password="wrong")
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
        # As `kubectl exec` does: no password at the socket.
        psycopg.connect(f"host={folder} port={port} user=halftone dbname=halftone").close()
        # A polite stop would wait for this connection, and be killed at the end of the grace.
        server.terminate()
        assert server.wait(DEADLINE_S) == 0
        connection.close()
        # What a kubelet does to a volume whose root has other rights than it wants.
        (folder / "data" / "pgdata").chmod(0o770)


@needs_postgres
def test_postgres_that_is_ended_while_it_is_made_is_whole_and_goes_on(folder: Path) -> None:
    config, _ = postgres(folder)
    server = started(config, folder)
    until((folder / "data" / "pgdata.new").exists)
    server.terminate()
    assert server.wait(DEADLINE_S) == 0
    with pytest.raises(ProcessLookupError):
        os.killpg(server.pid, 0)
    started(config, folder)
    until(lambda: is_ready(config))


def test_programs_in_the_container_find_the_socket() -> None:
    release = matrix("default")
    environment = release.environment("postgres")
    start = release.one("ConfigMap", "halftone-postgres")["data"]["start.sh"]
    assert f"unix_socket_directories={environment['PGHOST']} " in start
    assert f"--username={environment['PGUSER']} " in start


def test_a_user_that_the_platform_chooses_is_named_by_the_platform() -> None:
    def mounted(release: Release) -> set[str]:
        return {mount["mountPath"] for mount in release.pod("postgres").main()["volumeMounts"]}

    assert "/etc/passwd" in mounted(matrix("default"))
    chosen = render(runAsUser=None)
    assert "/etc/passwd" not in mounted(chosen)
    assert "passwd" not in chosen.one("ConfigMap", "halftone-postgres")["data"]


@pytest.mark.skipif(not shutil.which("redis-server"), reason="needs the Debian package redis-server")
@pytest.mark.parametrize(
    ("name", "policy", "kept"), [("valkey", "noeviction", True), ("valkey-cache", "allkeys-lru", False)]
)
def test_valkey_keeps_what_it_should(name: str, policy: str, *, kept: bool, folder: Path) -> None:
    (port,) = free_ports(1)
    changes = {
        "/etc/halftone": f"{folder}/config",
        "/run/halftone/redis": f"{folder}/run",
        "/tmp/valkey.conf": f"{folder}/run/valkey.conf",  # noqa: S108 - in the container
        "dir /data": f"dir {folder}/data",
        "port 6379": f"port {port}",
        '" ping)': f'" -p {port} ping)',
    }
    config = moved(name, folder, changes)
    for attempt in range(2):
        server = started(config, folder)
        until(lambda: is_ready(config))
        with redis.Redis(port=port, password=PASSWORD) as client:
            assert client.config_get("maxmemory-policy") == {"maxmemory-policy": policy}
            assert client.get("a") == (b"1" if attempt and kept else None)
            client.set("a", 1)
        with redis.Redis(port=port) as stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()
        server.terminate()
        server.wait(DEADLINE_S)
