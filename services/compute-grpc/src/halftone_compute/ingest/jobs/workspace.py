"""Where versions are written, and what reading one file may cost."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from halftone_compute.ingest.write.delivery import RemoteStaging, fetch_source
from halftone_compute.ingest.write.staging import Staging, local_source

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from halftone_servicekit.storage import Storage

    from halftone_compute.ingest.jobs.client import Job
    from halftone_compute.ingest.sandbox.confine import ChildLimits


@dataclass(frozen=True, slots=True)
class Workspace:
    """`limits` bound the child that reads a file, `max_bytes` one version on disk.

    `root` is the storage itself. With `remote` it is a scratch folder of this process, and versions are uploaded.
    `scratch` is such a folder beside a local storage, for previews.
    """

    root: Path
    limits: ChildLimits
    max_bytes: int
    remote: Storage | None = None
    scratch: Path | None = None

    def staging(self, job: Job) -> Staging:
        """The folders for one attempt at the version of `job`."""
        if self.remote is None:
            return Staging(self.root, job.dataset_id, job.version_id, job.token)
        return RemoteStaging(self.remote, self.root, job.dataset_id, job.version_id, job.token, self.max_bytes)

    def preview_folder(self, job: Job) -> Path:
        """A folder for the files of one preview, which is not there yet."""
        return (self.scratch or self.root) / "previews" / f"{job.job_id}-{job.token}"

    def preview_source(self, job: Job, on_progress: Callable[[int, int], None]) -> Path:
        """The uploaded file on this disk. What is fetched for one preview stays until another upload is previewed: a
        person looks at a file several times.

        Raises HalftoneError `not_found`, OSError, and what `on_progress` raises.
        """
        if self.remote is None:
            return local_source(self.root, job.uri)
        kept = self.root / "previewed"
        source = kept / hashlib.sha256(job.uri.encode()).hexdigest() / "source"
        if source.exists() and self.remote.exists(job.uri):
            return source
        shutil.rmtree(kept, ignore_errors=True)
        partial = source.with_name("partial")
        fetch_source(self.remote, job.uri, partial, self.max_bytes, on_progress)
        return partial.rename(source)
