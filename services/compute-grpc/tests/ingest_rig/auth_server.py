"""The internal job API as auth speaks it, over real HTTP, with jobs in memory."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SERVICE_TOKEN = "the-service-token"


@dataclass
class JobRow:
    """A job as auth keeps it: queued → running → published | failed | cancelled."""

    uri: str
    format: str
    dataset_id: str = field(default_factory=lambda: str(uuid4()))
    version_id: str = field(default_factory=lambda: str(uuid4()))
    job_id: str = field(default_factory=lambda: str(uuid4()))
    state: str = "queued"
    token: int = 0
    lease_until: float = 0.0
    cancel: bool = False
    renewals: list[dict[str, Any]] = field(default_factory=list)
    publications: list[dict[str, Any]] = field(default_factory=list)
    failure: dict[str, Any] = field(default_factory=dict)
    kind: str = "ingest"
    name: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    results: list[dict[str, Any]] = field(default_factory=list)
    # The version that the answer to a publication names; empty: the job's own.
    same_as: str = ""


class AuthServer:
    """Serves on a free port from a thread. `faults` are answered first, each once: an HTTP status, or 0 to hang up."""

    def __init__(self, lease_seconds: float = 20.0) -> None:
        self.jobs: dict[str, JobRow] = {}
        self.faults: list[int] = []
        # Calls whose effect counts, but whose answer is lost.
        self.lost_answers: list[str] = []
        self.lease_seconds = lease_seconds
        self.claims = 0
        self.formats: list[dict[str, Any]] = []
        # Called once, when this call ("publish") has come in: in place of it, or after it took effect.
        self.before: dict[str, Callable[[], object]] = {}
        self.after: dict[str, Callable[[], object]] = {}
        self._lock = threading.RLock()
        self._http = _Http(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def add(self, root: Path, name: str, data: bytes, kind: str = "ingest", **options: object) -> JobRow:
        """Queues the import, or a preview, of `data`, uploaded as `name`."""
        folder = root / "uploads" / str(uuid4())
        folder.mkdir(parents=True)
        (folder / "source").write_bytes(data)
        job = JobRow(str((folder / "source").relative_to(root)), name.rsplit(".", 1)[-1], kind=kind, options=options)
        with self._lock:
            self.jobs[job.job_id] = job
        return job

    def add_index(self, manifest: str, dataset_id: str) -> JobRow:
        """Queues an index of a published version."""
        job = JobRow(manifest, "", dataset_id, kind="index")
        with self._lock:
            self.jobs[job.job_id] = job
        return job

    def answer(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        with self._lock:
            *_, job_id, call, _ = path.split("/")
            if call == "formats":
                self.formats = body["formats"]
                return 200, {}
            if call == "claim":
                return self._claim(body["kinds"])
            job = self.jobs.get(job_id)
            if job is None:
                return 404, {"code": "not_found"}
            if call == "publish" and job.state == "published" and job.token == body["token"]:
                return self._published(job)
            if job.state != "running" or job.token != body["token"]:
                return 409, {"code": "lease_lost", "detail": "Another worker holds this job now."}
            calls: dict[str, Callable[[JobRow, dict[str, Any]], tuple[int, dict[str, Any]]]] = {
                "heartbeat": self._renew,
                "publish": self._publish,
                "result": self._result,
                "fail": self._fail,
            }
            return calls[call](job, body)

    def _claim(self, kinds: list[str]) -> tuple[int, dict[str, Any]]:
        self.claims += 1
        for job in self.jobs.values():
            is_free = job.state == "queued" or (job.state == "running" and job.lease_until <= time.monotonic())
            if is_free and job.kind in kinds:
                job.state, job.token = "running", job.token + 1
                job.lease_until = time.monotonic() + self.lease_seconds
                return 200, _claimed(job, self.lease_seconds)
        return 204, {}

    def _renew(self, job: JobRow, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        job.lease_until = time.monotonic() + self.lease_seconds
        job.renewals.append(body)
        return 200, {"cancel": job.cancel}

    def _publish(self, job: JobRow, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        job.state = "published"
        job.publications.append(body)
        return self._published(job)

    def _published(self, job: JobRow) -> tuple[int, dict[str, Any]]:
        return 200, {"version_id": job.same_as or job.version_id, "number": 1}

    def _result(self, job: JobRow, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        job.state = "ready"
        job.results.append(body["result"])
        return 200, {}

    def _fail(self, job: JobRow, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        job.state = "cancelled" if body["code"] == "cancelled" else "failed"
        job.failure = body
        return 200, {}


def _claimed(job: JobRow, lease_seconds: float) -> dict[str, Any]:
    return {
        "job_id": job.job_id,
        "token": job.token,
        "lease_seconds": int(lease_seconds),
        "kind": job.kind,
        "dataset_id": None if job.kind == "preview" else job.dataset_id,
        "version_id": job.version_id,
        "source": {"uri": job.uri, "format": job.format, "name": job.name or f"a.{job.format}", "bytes": 1},
        "options": job.options,
    }


class _Http(ThreadingHTTPServer):
    @override
    def handle_error(self, request: object, client_address: object) -> None:
        """A worker that is killed in the middle of a call is what some tests are about."""


def _nothing() -> None:
    pass


def _handler(auth: AuthServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._send(*auth.answer(self.path, body))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if auth.faults:
                self._fault(auth.faults.pop(0))
                return
            if self.headers["Authorization"] != f"Bearer {SERVICE_TOKEN}":
                self._send(401, {"code": "token_invalid", "detail": "The token is not valid."})
                return
            call = self.path.split("/")[-2]
            if call in auth.before:
                auth.before.pop(call)()
                self._fault(0)
                return
            status, answer = auth.answer(self.path, body)
            auth.after.pop(call, _nothing)()
            if auth.lost_answers and auth.lost_answers[0] in self.path:
                auth.lost_answers.pop(0)
                self._fault(0)
                return
            self._send(status, answer)

        def _fault(self, status: int) -> None:
            self.close_connection = True
            if status:
                self._send(status, {})

        def _send(self, status: int, answer: dict[str, Any]) -> None:
            raw = b"" if status == 204 else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(raw)))
            self.send_header("Halftone-Formats", str(len(auth.formats)))
            self.end_headers()
            self.wfile.write(raw)

        @override
        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
