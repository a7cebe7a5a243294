"""The worker: claims jobs by REST and runs them, an import or an index and a preview at a time."""

from __future__ import annotations

import threading
import time
from types import MappingProxyType
from typing import TYPE_CHECKING

import structlog
from halftone_servicekit.errors import HalftoneError

from halftone_compute.ingest.jobs.attempt import JobAttempt
from halftone_compute.ingest.jobs.client import INDEX, INGEST, PREVIEW
from halftone_compute.ingest.jobs.index import IndexAttempt
from halftone_compute.ingest.jobs.preview import PreviewAttempt
from halftone_compute.ingest.jobs.slot import Slot
from halftone_compute.ingest.registry import all_formats

if TYPE_CHECKING:
    from collections.abc import Mapping

    from halftone_compute.ingest.jobs.client import Job, JobsClient
    from halftone_compute.ingest.jobs.stop import StopFlag
    from halftone_compute.ingest.jobs.workspace import Workspace

_log = structlog.get_logger(__name__)
_CLAIM_SECONDS = 10.0
_AUTH_RETRY_SECONDS = 1.0
# How much longer than its pause one round of the loop may take: a call to auth times out long before.
_HANG_SECONDS = 60.0
_ATTEMPTS: Mapping[str, type[JobAttempt | PreviewAttempt]] = MappingProxyType(
    {INGEST: JobAttempt, INDEX: IndexAttempt, PREVIEW: PreviewAttempt}
)


class Worker:
    """Claims at its start, when woken, and every `claim_seconds`, on a thread of its own until `stop`.

    A preview has a slot of its own: it takes seconds, and a person waits for it, while an import may take hours.
    """

    def __init__(self, client: JobsClient, workspace: Workspace, claim_seconds: float = _CLAIM_SECONDS) -> None:
        self._client = client
        self._workspace = workspace
        self._claim_seconds = claim_seconds
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._is_announced = False
        self._last_round = time.monotonic()
        self._slots = {slot.kind: slot for slot in (self._slot(INGEST), self._slot(PREVIEW))}
        # An index takes as much memory as an import, so that one waits for the other.
        self._slot_of = {INGEST: self._slots[INGEST], INDEX: self._slots[INGEST], PREVIEW: self._slots[PREVIEW]}
        self._thread = threading.Thread(target=self._loop, name="claims")

    def start(self) -> None:
        for slot in self._slots.values():
            slot.start()
        self._thread.start()

    def wake(self) -> None:
        """Claims now: a job may be queued."""
        self._wake.set()

    def is_responsive(self) -> bool:
        """Whether the thread claims on time, and a thread for each kind of job is there."""
        late = time.monotonic() - self._last_round > self._claim_seconds + _HANG_SECONDS
        return not late and self._thread.is_alive() and all(slot.is_alive for slot in self._slots.values())

    def stop(self, grace: float) -> None:
        """Claims no more. Running jobs have `grace` seconds to end; then they are dropped and their leases expire."""
        until = time.monotonic() + grace
        self._stopping.set()
        self._wake.set()
        self._thread.join()
        for slot in self._slots.values():
            slot.stop(until - time.monotonic())

    def _slot(self, kind: str) -> Slot:
        return Slot(kind, self._begin, self.wake)

    def _begin(self, job: Job, stop: StopFlag) -> JobAttempt | PreviewAttempt:
        return _ATTEMPTS[job.kind](self._client, job, self._workspace, stop)

    def _loop(self) -> None:
        while not self._stopping.is_set():
            self._last_round = time.monotonic()
            self._wake.clear()
            self._wake.wait(self._announce_and_claim())

    def _announce_and_claim(self) -> float:
        """Seconds to wait before the next claim."""
        free = [kind for kind, slot in self._slot_of.items() if slot.is_free]
        self._announce()
        if not free:
            return self._claim_seconds
        try:
            claim = self._client.claim(free)
        except HalftoneError as error:
            _log.warning("claim_failed", code=error.code, detail=error.detail)
            return min(self._claim_seconds, _AUTH_RETRY_SECONDS)
        self._is_announced = claim.knows_formats
        if claim.job is None:
            return self._claim_seconds
        self._slot_of[claim.job.kind].give(claim.job)
        return 0.0

    def _announce(self) -> None:
        """Makes the file formats known to auth, at the start and when auth knows none any more. Until it works, auth
        leaves the judgement of files to the worker, so that jobs need not wait for it.
        """
        if self._is_announced:
            return
        try:
            self._client.announce(all_formats())
            self._is_announced = True
        except HalftoneError as error:
            _log.warning("announce_failed", code=error.code, detail=error.detail)
