"""Uploads to the service as a process, over real sockets: connections that break off, a process that is killed."""

import base64
import hashlib
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from auth_rig import processes
from auth_rig.people import PASSWORD

MIB = 1 << 20
# The first 40 % are sent before the break.
SIZE = 40 * MIB + 17
DATA = os.urandom(MIB) * 41


class Server:
    """The service, which may be killed and started again with the same home."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.given = processes.environment(self.home)
        self.log = folder / "log"
        assert processes.run(self.given, "prepare", "-v", "0").returncode == 0
        self.start()
        body = {"email": "admin@halftone.local", "password": PASSWORD}
        token = httpx2.post(f"{self.url}/api/token/", json=body, timeout=60).json()["access"]
        self.headers = {"Authorization": f"Bearer {token}", "Tus-Resumable": "1.0.0"}

    def start(self) -> None:
        self._running = processes.started(self.given, self.log, "halftone_auth.serve", "--port", "0")
        self.process = self._running.__enter__()
        processes.until(lambda: "running on http://" in self.log.read_text(), self.log)
        self.url = "http://" + self.log.read_text().partition("running on http://")[2].partition(" ")[0]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        self._running.__exit__(None, None, None)

    def create(self) -> str:
        name = base64.b64encode(b"a.csv").decode()
        headers = {**self.headers, "Upload-Length": str(SIZE), "Upload-Metadata": f"filename {name}"}
        return httpx2.post(f"{self.url}/api/uploads/", headers=headers, timeout=60).headers["Location"]

    def begin(self, place: str, offset: int, data: bytes) -> socket.socket:
        """Sends the head of a PATCH of the rest of the file, and some of its body."""
        host, _, port = self.url.removeprefix("http://").partition(":")
        connection = socket.create_connection((host, int(port)), 60)
        headers = {
            **self.headers,
            "Host": "localhost",
            "Content-Type": "application/offset+octet-stream",
            "Upload-Offset": str(offset),
            "Content-Length": str(SIZE - offset),
        }
        lines = [f"PATCH {place} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        connection.sendall("\r\n".join(lines).encode() + data)
        return connection

    def offset(self, place: str) -> int:
        return int(httpx2.head(f"{self.url}{place}", headers=self.headers, timeout=60).headers["Upload-Offset"])

    def patch(self, place: str, offset: int, data: bytes) -> httpx2.Response:
        content_type = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)}
        return httpx2.patch(f"{self.url}{place}", content=data, headers={**self.headers, **content_type}, timeout=60)

    def finish(self, place: str) -> None:
        """Sends what is missing, as soon as no other request sends, and compares every byte."""
        processes.until(lambda: self._send(place), self.log)
        stored = self.home / "storage" / "uploads" / place.split("/")[3] / "source"
        assert hashlib.sha256(stored.read_bytes()).digest() == hashlib.sha256(DATA[:SIZE]).digest()

    def _send(self, place: str) -> bool:
        at = self.offset(place)
        answer = self.patch(place, at, DATA[at:SIZE])
        assert answer.status_code in (204, 409, 423), answer.text
        return answer.status_code == 204


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path)
    yield made
    made.stop()


def test_a_connection_that_breaks_off_loses_nothing_that_arrived(server: Server) -> None:
    place = server.create()
    sent = SIZE * 2 // 5
    server.begin(place, 0, DATA[:sent]).close()
    # What was still in buffers of the server is lost; all else is kept, and not in whole checkpoints alone.
    processes.until(lambda: sent - MIB <= server.offset(place) <= sent, server.log)
    server.finish(place)


def test_one_request_sends_at_a_time(server: Server) -> None:
    place = server.create()
    first = server.begin(place, 0, DATA[: 20 * MIB])
    processes.until(lambda: server.offset(place) == 16 * MIB, server.log)
    answer = server.patch(place, 16 * MIB, DATA[16 * MIB : SIZE])
    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (423, "upload_locked", "1")
    first.close()
    server.finish(place)


def test_a_process_that_is_killed_knows_afterwards_what_is_safe(server: Server) -> None:
    place = server.create()
    connection = server.begin(place, 0, DATA[: 20 * MIB])
    processes.until(lambda: server.offset(place) == 16 * MIB, server.log)
    server.kill()
    connection.close()
    server.start()
    assert server.offset(place) == 16 * MIB
    started = time.monotonic()
    server.finish(place)
    # The lease of the killed process runs out.
    assert time.monotonic() - started < 60


def test_memory_does_not_grow_with_the_file(server: Server) -> None:
    place = server.create()
    server.patch(place, 0, DATA[:MIB])
    before = memory(server.process.pid)
    server.finish(place)
    assert memory(server.process.pid) - before < 16 * MIB


def memory(process: int) -> int:
    """The most memory that a process took."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM"))
