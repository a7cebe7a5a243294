"""The service as `make up` starts it: a real process, a real port, a home of its own."""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from auth_rig import processes
from auth_rig.clock import usual_seconds
from auth_rig.people import PASSWORD
from halftone_servicekit.testing_servers import Postgres

TOKEN = secrets.token_urlsafe(40)
SERVE = ("halftone_auth.serve", "--port", "0")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("HALFTONE_", "DJANGO_"))}
    own = {
        "HALFTONE_HOME": str(tmp_path / "home"),
        "HALFTONE_SECRET_KEY": secrets.token_urlsafe(60),
        "HALFTONE_SERVICE_TOKEN": TOKEN,
        "HALFTONE_ADMIN_PASSWORD": PASSWORD,
    }
    (tmp_path / "home").mkdir()
    return {**plain, **own}


@pytest.fixture
def base(environment: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """The address of a started service."""
    for command in (["migrate", "--no-input"], ["ensure_admin"]):
        subprocess.run(
            [sys.executable, "-m", "halftone_auth", *command], env=environment, check=True, capture_output=True
        )
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *SERVE],
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield f"http://127.0.0.1:{port_of(tmp_path / 'log', process)}"
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0 or process.returncode == -signal.SIGTERM


def port_of(log: Path, process: subprocess.Popen[bytes]) -> int:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        text = log.read_text()
        if "running on http://127.0.0.1:" in text:
            return int(text.partition("running on http://127.0.0.1:")[2].partition(" ")[0])
        time.sleep(0.05)
    raise AssertionError(log.read_text())


def test_it_starts_signs_in_and_takes_a_large_file(base: str, tmp_path: Path) -> None:
    with httpx2.Client(base_url=base, timeout=60) as client:
        assert client.get("/readyz").json()["status"] == "ready"
        tokens = client.post("/api/token/", json={"email": "admin@halftone.local", "password": PASSWORD}).json()
        client.headers["Authorization"] = f"Bearer {tokens['access']}"
        content = b"1,2\n" * (1 << 20)
        sent = client.post("/api/uploads/", files={"file": ("points.csv", content)})
        assert (sent.status_code, sent.json()["bytes"]) == (201, len(content))
        job = client.post("/api/imports/", json={"upload": sent.json()["id"], "title": "Points"})
        assert job.status_code == 202
        assert list((tmp_path / "home" / "broker").glob("*.ingest.msg"))
        service = {"Authorization": f"Bearer {TOKEN}"}
        claim = client.post("/api/internal/jobs/claim/", json={"worker": "w", "kinds": ["ingest"]}, headers=service)
        assert claim.json()["job_id"] == job.json()["id"]
        source = tmp_path / "home" / "storage" / claim.json()["source"]["uri"]
        assert source.read_bytes() == content
        assert client.get("/admin/login/").status_code == 200
        assert client.get("/api/static/unfold/css/styles.css").status_code == 200
        assert "eyJ" not in (tmp_path / "log").read_text()


def test_a_database_that_goes_is_503_at_once_and_its_return_is_enough(tmp_path: Path) -> None:
    with Postgres() as server:
        given = processes.environment(
            tmp_path / "home",
            HALFTONE_DATABASE_URL=server.create("halftone"),
            HALFTONE_DATABASE_POOL="4",
            HALFTONE_LOGIN_PER_MINUTE="1000",
        )
        assert processes.run(given, "prepare", "-v", "0").returncode == 0
        log = tmp_path / "log"
        with processes.started(given, log, *SERVE) as process:
            base = f"http://127.0.0.1:{port_of(log, process)}"
            with httpx2.Client(base_url=base, timeout=60) as client:
                assert sign_in(client).status_code == 200
                server.stop()
                outage(client)
                server.start()
                processes.until(lambda: sign_in(client).status_code == 200, log)
                assert client.get("/readyz").status_code == 200


def sign_in(client: httpx2.Client) -> httpx2.Response:
    return client.post("/api/token/", json={"email": "admin@halftone.local", "password": PASSWORD})


def refused(client: httpx2.Client) -> None:
    answer = sign_in(client)
    assert (answer.status_code, answer.json()["code"]) == (503, "auth_unavailable"), answer.text
    assert answer.headers["Retry-After"] == "1"


def outage(client: httpx2.Client) -> None:
    """Asks for longer than the pool tries by itself."""
    gone = time.monotonic()
    while time.monotonic() - gone < 5:
        assert usual_seconds(lambda: refused(client)) < 4
    page = client.get("/admin/", headers={"Cookie": f"sessionid={'x' * 32}"})
    assert (page.status_code, page.json()["code"]) == (503, "auth_unavailable")
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").json()["checks"]["database"] is False
    metrics = client.get("/metrics")
    assert metrics.status_code == 200
    assert "halftone_auth_sign_ins_total" in metrics.text
