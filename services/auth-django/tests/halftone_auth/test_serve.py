"""The server as a process: requests that are held for events, and how they end."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from auth_rig import processes
from auth_rig.people import PASSWORD

EMAIL = "admin@halftone.local"
# Far longer than anything here takes, and than the deadline of the tests below.
WAIT_S = 30
REACTION_S = 2.0


@dataclass
class Service:
    """A running service, whose clients may be held."""

    given: dict[str, str]
    client: httpx2.Client
    people: ThreadPoolExecutor

    def poll(self, after: int | None = None) -> dict[str, Any]:
        """Asks for events, with a wait where a cursor is given."""
        query = {} if after is None else {"after": after, "wait": WAIT_S}
        headers = {"Authorization": f"Bearer {self.given['HALFTONE_SERVICE_TOKEN']}"}
        found: dict[str, Any] = self.client.get("/api/internal/events/", params=query, headers=headers).json()
        return found

    def held(self) -> tuple[int, Future[dict[str, Any]]]:
        """The cursor, and a request that is held at it."""
        cursor = self.poll()["cursor"]
        return cursor, self.people.submit(self.poll, cursor)

    def sign_in_and_out(self) -> float:
        """Makes an event; returns when, on the monotonic clock."""
        tokens = self.client.post("/api/token/", json={"email": EMAIL, "password": PASSWORD}).json()
        started = time.monotonic()
        self.client.post("/api/token/revoke/", json={"refresh": tokens["refresh"]})
        return started

    def is_held(self, request: Future[dict[str, Any]]) -> bool:
        """Whether there is no answer, after another request had one."""
        return self.client.get("/healthz").status_code == 200 and not request.done()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    given = processes.environment(tmp_path / "home")
    assert processes.run(given, "prepare", "-v", "0").returncode == 0
    log = tmp_path / "log"
    with processes.started(given, log, "halftone_auth.serve", "--port", "0"):
        processes.until(lambda: "running on http://" in log.read_text(), log)
        base = "http://" + log.read_text().partition("running on http://")[2].partition(" ")[0]
        with httpx2.Client(base_url=base, timeout=60) as client, ThreadPoolExecutor(8) as people:
            yield Service(given, client, people)


def test_an_event_of_this_process_is_told_at_once(service: Service) -> None:
    _, request = service.held()
    assert service.is_held(request)
    started = service.sign_in_and_out()
    assert [event["kind"] for event in request.result(60)["events"]] == ["session_revoked"]
    assert time.monotonic() - started < WAIT_S / 2


def test_an_event_of_another_process_is_told_soon(service: Service) -> None:
    _, request = service.held()
    change = "from users.models import User; user = User.objects.get(); user.set_password('another one 7'); user.save()"
    assert processes.run(service.given, "shell", "-c", change).returncode == 0
    started = time.monotonic()
    assert "user_revoked" in [event["kind"] for event in request.result(60)["events"]]
    assert time.monotonic() - started < REACTION_S


def test_held_requests_take_no_thread_from_others(service: Service) -> None:
    requests = [service.held()[1] for _ in range(7)]
    assert all(service.is_held(request) for request in requests)
    assert service.client.get("/readyz").status_code == 200
    service.sign_in_and_out()
    assert all(request.result(60)["events"] for request in requests)


def test_a_stop_ends_what_is_held(tmp_path: Path) -> None:
    given = processes.environment(tmp_path / "home")
    assert processes.run(given, "prepare", "-v", "0").returncode == 0
    log = tmp_path / "log"
    with processes.started(given, log, "halftone_auth.serve", "--port", "0") as process:
        processes.until(lambda: "running on http://" in log.read_text(), log)
        base = "http://" + log.read_text().partition("running on http://")[2].partition(" ")[0]
        with httpx2.Client(base_url=base, timeout=60) as client, ThreadPoolExecutor(1) as people:
            service = Service(given, client, people)
            cursor, request = service.held()
            assert service.is_held(request)
            started = time.monotonic()
            process.terminate()
            assert request.result(60) == {"cursor": cursor, "events": [], "more": False}
            process.wait(60)
            assert time.monotonic() - started < WAIT_S / 2
