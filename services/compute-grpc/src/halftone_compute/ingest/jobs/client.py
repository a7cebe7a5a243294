"""The worker's side of the internal job API of auth."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import httpx2
import structlog
from google.protobuf.json_format import MessageToDict
from halftone_servicekit.backoff import Backoff
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.ingest import metrics
from halftone_compute.ingest.jobs.stop import StopFlag, StoppedError, StopReason
from halftone_compute.ingest.jobs.warnings import warnings_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from types import TracebackType

    from halftone_compute.ingest.format import Format
    from halftone_compute.ingest.sandbox.messages import Progress
    from halftone_compute.ingest.write.staging import StagedVersion

_log = structlog.get_logger(__name__)
_TIMEOUT_SECONDS = 10.0
_BACKOFF_SECONDS = (0.1, 5.0)
_FORMATS_HEADER = "Halftone-Formats"
# The kinds of jobs.
INGEST = "ingest"
PREVIEW = "preview"
INDEX = "index"


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed job. `token` is its fencing token: auth refuses it once another worker has claimed the job.

    `uri` is the uploaded file relative to the storage root, of an index the manifest of the version that is ordered
    anew; `name` is the name of the file as it was uploaded. A preview has no dataset. `reading` is what a person
    changed of how the file is read, `base` the reading of the version before, `pair` a PairWish as JSON. `names_pairs`:
    auth keeps the pair of a version.
    """

    job_id: str
    token: int
    dataset_id: str
    version_id: str
    uri: str
    format: str
    name: str
    kind: str = INGEST
    reading: Mapping[str, Any] = field(default_factory=dict)
    base: Mapping[str, Any] | None = None
    pair: Mapping[str, Any] | None = None
    names_pairs: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """The answer to a claim: a job, if one is queued, and whether auth knows any file format."""

    job: Job | None
    knows_formats: bool


class JobsClient:
    """Calls auth. Every call raises HalftoneError `auth_unavailable` without an answer, or the error of the answer, and
    StoppedError with `lease_lost` when another worker has the job.
    """

    def __init__(self, url: str, token: str, worker: str) -> None:
        self._worker = worker
        self._http = httpx2.Client(
            base_url=f"{url.rstrip('/')}/api/internal/",
            headers={"Authorization": f"Bearer {token}"},
            timeout=_TIMEOUT_SECONDS,
        )

    def __enter__(self) -> JobsClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def claim(self, kinds: Sequence[str]) -> Claim:
        """One call, without a retry."""
        try:
            answer = self._send("POST", "jobs/claim/", {"worker": self._worker, "kinds": list(kinds)})
        except StoppedError as error:
            raise HalftoneError(ErrorCode.AUTH_UNAVAILABLE, "auth has no internal API at this address") from error
        job = None if answer.status_code == 204 else _job(_object(answer))
        # Without the header auth is older than formats that are announced.
        return Claim(job, answer.headers.get(_FORMATS_HEADER) != "0")

    def announce(self, formats: Iterable[Format]) -> None:
        """Makes the file formats known. One call, without a retry."""
        body = [
            {"title": each.title, "endings": list(each.endings), "magics": [magic.hex() for magic in each.magics]}
            for each in formats
        ]
        try:
            self._send("PUT", "formats/", {"formats": body})
        except StoppedError as error:
            raise HalftoneError(ErrorCode.AUTH_UNAVAILABLE, "auth takes no formats at this address") from error

    def renew_lease(self, job: Job, progress: Progress) -> bool:
        """One call, without a retry. True: the job was cancelled."""
        answer = self._post(f"jobs/{job.job_id}/heartbeat/", {"token": job.token, **progress.as_json()})
        return bool(answer and answer.get("cancel"))

    def publish(self, job: Job, staged: StagedVersion, stop: StopFlag, retry_seconds: float) -> str:
        """The id of the published version: not the job's own when the newest version has the same content.

        Retried for `retry_seconds` while auth is unreachable; auth treats a repeated call as one.
        """
        manifest = staged.manifest
        body = {
            "token": job.token,
            "manifest": staged.path,
            "manifest_sha256": staged.sha256,
            "rows": manifest.rows,
            "bytes": manifest.bytes,
            "columns": [MessageToDict(column.info.to_proto()) for column in manifest.columns],
            "content_hash": manifest.content_hash,
            "skipped": [asdict(skipped) for skipped in manifest.skipped],
            "reading": manifest.reading,
            "unreadable": manifest.unreadable,
            "warnings": warnings_of(manifest),
        }
        if job.names_pairs and manifest.index is not None:
            body["pair"] = {"x": manifest.index.x, "y": manifest.index.y}
        answer = self._post_with_retries(f"jobs/{job.job_id}/publish/", body, stop, retry_seconds)
        return str(answer.get("version_id", job.version_id))

    def finish_preview(self, job: Job, result: Mapping[str, Any], stop: StopFlag, retry_seconds: float) -> None:
        """Hands in what a preview found, retried like `publish`."""
        body = {"token": job.token, "result": result}
        self._post_with_retries(f"jobs/{job.job_id}/result/", body, stop, retry_seconds)

    def fail(self, job: Job, error: HalftoneError, stop: StopFlag, retry_seconds: float) -> None:
        body = {"token": job.token, "code": error.code.value, "detail": error.detail, "field": error.field}
        self._post_with_retries(f"jobs/{job.job_id}/fail/", body, stop, retry_seconds)

    def _post_with_retries(
        self, path: str, body: dict[str, Any], stop: StopFlag, retry_seconds: float
    ) -> dict[str, Any]:
        deadline = time.monotonic() + retry_seconds
        backoff = Backoff(*_BACKOFF_SECONDS)
        while True:
            try:
                return self._post(path, body) or {}
            except HalftoneError as error:
                pause = backoff.pause()
                if error.code != ErrorCode.AUTH_UNAVAILABLE or time.monotonic() + pause > deadline:
                    raise
            stop.sleep(pause)

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        answer = self._send("POST", path, body)
        return None if answer.status_code == 204 else _object(answer)

    def _send(self, method: str, path: str, body: dict[str, Any]) -> httpx2.Response:
        try:
            answer = self._http.request(method, path, json=body)
        except httpx2.TransportError as error:
            metrics.CALLS.labels("retried").inc()
            raise HalftoneError(ErrorCode.AUTH_UNAVAILABLE) from error
        if answer.status_code >= 500 or answer.status_code == 429:
            metrics.CALLS.labels("retried").inc()
            raise HalftoneError(ErrorCode.AUTH_UNAVAILABLE, f"auth answered {answer.status_code}")
        if answer.is_success:
            metrics.CALLS.labels("ok").inc()
            return answer
        metrics.CALLS.labels("refused").inc()
        raise _refusal(answer)


def _job(answer: dict[str, Any]) -> Job:
    source, options = answer["source"], answer.get("options", {})
    return Job(
        job_id=str(answer["job_id"]),
        token=int(answer["token"]),
        dataset_id=str(answer["dataset_id"] or ""),
        version_id=str(answer["version_id"]),
        uri=str(source["uri"]),
        format=str(source["format"]),
        name=str(source.get("name", "")),
        kind=str(answer.get("kind", INGEST)),
        reading=options.get("reading") or {},
        base=options.get("base"),
        pair=options.get("pair"),
        names_pairs="pair" in options,
    )


def _object(answer: httpx2.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError as error:
        raise HalftoneError(ErrorCode.AUTH_UNAVAILABLE, "the answer of auth is not JSON") from error
    if not isinstance(body, dict):
        raise HalftoneError(ErrorCode.AUTH_UNAVAILABLE, "the answer of auth is not an object")
    return body


def _refusal(answer: httpx2.Response) -> Exception:
    try:
        problem = _object(answer)
    except HalftoneError:
        problem = {}
    code = str(problem.get("code", ""))
    # A job that was deleted has no lease either.
    if code == ErrorCode.LEASE_LOST or answer.status_code == 404:
        return StoppedError(StopReason.LEASE_LOST)
    _log.warning("auth_refused", status=answer.status_code, code=code, detail=problem.get("detail"))
    return HalftoneError(code or ErrorCode.INTERNAL, str(problem.get("detail", "")))
