"""A real PostgreSQL and a real Redis for tests, from the programs that this machine has installed.

Both listen on a free port of 127.0.0.1, keep what they have in a folder of their own, can be stopped and started again
at the same address, and end together with the thread that started them, however it ends. `deploy/embedded/servers.sh`
installs the programs.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from typing_extensions import override

HINT = "deploy/embedded/servers.sh installs it"
START_S = 30.0
STOP_S = 15.0
# Who does not listen refuses at once; who listens may be slow to answer.
ANSWER_S = 20.0
POLL_S = 0.02
# Debian keeps the server's programs out of the path.
POSTGRES_FOLDERS = "/usr/lib/postgresql"
# A test's data is worth no disk write.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=32MB", "max_connections=100")


class ServerMissingError(RuntimeError):
    """A program is not installed here; the text says how to get it."""


class Server(ABC):
    """One server process. A context manager: it runs inside the block."""

    ends_by = signal.SIGTERM

    def __init__(self) -> None:
        # Held until `close`, so that no other process gets the port before the start or during a stop.
        self._place = held_port()
        self.port = int(self._place.getsockname()[1])
        self.folder = Path(tempfile.mkdtemp(prefix="halftone-test-"))
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self) -> Sequence[str]:
        """What runs in the foreground."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether it takes work."""

    def start(self) -> None:
        """Returns once it answers. Raises `RuntimeError` with the end of its log."""
        if self._process is not None:
            raise RuntimeError("It runs already.")
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True
            )
        deadline = time.monotonic() + START_S
        while not self.answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"It did not start: {(self.folder / 'log').read_text()[-2000:]}")
            time.sleep(POLL_S)

    def stop(self) -> None:
        """Ends it; `start` brings it back."""
        if self._process is None:
            return
        self._process.send_signal(self.ends_by)
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def close(self) -> None:
        """Ends it for good."""
        self.stop()
        self._place.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Redis(Server):
    """A Redis without persistence: what it held is gone after `stop`. Raises `ServerMissingError`."""

    def __init__(self, *arguments: str) -> None:
        self._program = _found("redis-server") or _found("valkey-server")
        if self._program is None:
            raise ServerMissingError(f"redis-server is not installed: {HINT}")
        self._arguments = arguments
        super().__init__()

    @property
    def url(self) -> str:
        """Its first database."""
        return f"redis://127.0.0.1:{self.port}/0"

    @override
    def command(self) -> Sequence[str]:
        options = ["--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--dir", str(self.folder)]
        return [*_bound_to_us(signal.SIGKILL), str(self._program), *options, *self._arguments]

    @override
    def answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), ANSWER_S) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        return False

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Inside the block it takes connections and commands, and answers nothing."""
        if self._process is None:
            raise RuntimeError("It does not run.")
        self._process.send_signal(signal.SIGSTOP)
        try:
            os.waitid(os.P_PID, self._process.pid, os.WSTOPPED)
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)


class Postgres(Server):
    """A PostgreSQL with the superuser `postgres`, no password. Raises `ServerMissingError`."""

    # A fast shutdown: Postgres ends open connections instead of waiting for them.
    ends_by = signal.SIGINT

    def __init__(self) -> None:
        self.programs = _postgres_programs()
        super().__init__()
        self._as_user = _unprivileged()
        if self._as_user:
            shutil.chown(self.folder, "postgres")
        initdb = [self._program("initdb"), "-D", self._data, "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        made = self._run([*initdb, "--locale=C", "--no-sync"], as_user=True)
        if made.returncode:
            raise RuntimeError(made.stderr.decode()[-2000:])

    def url(self, database: str = "postgres") -> str:
        """A database of this server."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def create(self, database: str) -> str:
        """Makes an empty database and returns its URL."""
        made = self._run(
            [self._program("createdb"), "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", database]
        )
        if made.returncode:
            raise RuntimeError(made.stderr.decode()[-2000:])
        return self.url(database)

    @override
    def command(self) -> Sequence[str]:
        settings = [word for setting in FAST for word in ("-c", setting)]
        listen = ["-h", "127.0.0.1", "-p", str(self.port), "-k", ""]
        # SIGQUIT: without us there is nothing to keep.
        who = _bound_to_us(signal.SIGQUIT, *self._as_user)
        return [*who, self._program("postgres"), "-D", self._data, *listen, *settings]

    @override
    def answers(self) -> bool:
        ready = [self._program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port), "-t", str(int(ANSWER_S))]
        return self._run(ready).returncode == 0

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def _program(self, name: str) -> str:
        return str(self.programs / name)

    def _run(self, command: Sequence[str], *, as_user: bool = False) -> subprocess.CompletedProcess[bytes]:
        who = ["setpriv", *self._as_user] if as_user and self._as_user else []
        return subprocess.run([*who, *command], capture_output=True, check=False, cwd="/", timeout=60)


def held_port() -> socket.socket:
    """A port of 127.0.0.1 that the system gives to no other process while the socket is open.

    Nothing listens there until a server binds it with SO_REUSEADDR, as those of tests do.
    """
    place = socket.socket()
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    place.bind(("127.0.0.1", 0))
    return place


def _bound_to_us(number: signal.Signals, *options: str) -> list[str]:
    """The kernel sends the signal when we end, whatever ends us."""
    return ["setpriv", f"--pdeathsig={number.name.removeprefix('SIG')}", *options]


def _unprivileged() -> list[str]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return []
    user = pwd.getpwnam("postgres")
    return [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


def _postgres_programs() -> Path:
    newest = sorted(Path(POSTGRES_FOLDERS).glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    found = newest[-1] if newest else _found("postgres")
    if found is None:
        raise ServerMissingError(f"PostgreSQL is not installed: {HINT}")
    # Beside the real file lie its companions; redis-server, too, may be a link, but looks at its own name.
    return found.resolve().parent


def _found(program: str) -> Path | None:
    path = shutil.which(program)
    return Path(path) if path else None
