import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from halftone_servicekit import testing_servers
from halftone_servicekit.testing_servers import Postgres, Redis, Server, ServerMissingError, held_port


@pytest.fixture(params=[Redis, Postgres])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    try:
        made: Server = request.param()
    except ServerMissingError as error:
        pytest.skip(str(error))
    with made:
        yield made


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_it_comes_back_at_the_same_address_and_leaves_nothing(server: Server) -> None:
    port, folder = server.port, server.folder
    assert server.answers()
    server.stop()
    assert not listens(port)
    assert not server.answers()
    server.start()
    assert server.port == port
    assert server.answers()
    server.close()
    assert not folder.exists()
    assert not listens(port)


def test_a_database_is_made(server: Server) -> None:
    if isinstance(server, Postgres):
        assert server.create("points").endswith(f"@127.0.0.1:{server.port}/points")
        with pytest.raises(RuntimeError, match="already exists"):
            server.create("points")
    else:
        assert isinstance(server, Redis)
        assert server.url == f"redis://127.0.0.1:{server.port}/0"


def test_it_ends_with_whoever_started_it(server: Server) -> None:
    kind = type(server).__name__
    code = f"""if True:
        import os, signal
        from halftone_servicekit.testing_servers import {kind}
        server = {kind}()
        server.start()
        print(server.port, server.folder, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)"""
    started = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    port, folder = started.stdout.split()
    deadline = time.monotonic() + 30
    while listens(int(port)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not listens(int(port))
    # It may still be removing files of its own.
    while Path(folder).exists() and time.monotonic() < deadline:
        shutil.rmtree(folder, ignore_errors=True)


def test_its_port_is_nobody_elses_while_it_is_stopped(server: Server) -> None:
    server.stop()
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", server.port))


def test_a_held_port_is_refused_until_somebody_listens() -> None:
    with held_port() as place, socket.socket() as other:
        port = place.getsockname()[1]
        assert not listens(port)
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        assert listens(port)


def test_a_frozen_redis_answers_later() -> None:
    try:
        made = Redis()
    except ServerMissingError as error:
        pytest.skip(str(error))
    with made as redis, socket.create_connection(("127.0.0.1", redis.port)) as connection:
        with redis.frozen():
            connection.sendall(b"PING\r\n")
            connection.settimeout(0.2)
            with pytest.raises(TimeoutError):
                connection.recv(16)
        connection.settimeout(30)
        assert connection.recv(16).startswith(b"+PONG")
        redis.stop()
        with pytest.raises(RuntimeError, match="does not run"), redis.frozen():
            pass


def test_a_missing_program_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(testing_servers, "POSTGRES_FOLDERS", "/nowhere")
    with pytest.raises(ServerMissingError, match=r"redis-server .*servers\.sh"):
        Redis()
    with pytest.raises(ServerMissingError, match=r"PostgreSQL .*servers\.sh"):
        Postgres()


def test_it_is_started_once(server: Server) -> None:
    with pytest.raises(RuntimeError, match="runs already"):
        server.start()


def test_what_does_not_start_tells_its_log() -> None:
    try:
        made = Redis("--no-such-option", "1")
    except ServerMissingError as error:
        pytest.skip(str(error))
    with pytest.raises(RuntimeError, match="no-such-option"), made:
        pass
    assert not made.folder.exists()
