"""Where versions are written, and what reading one file may cost."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_servicekit.sources import SCHEME

from halftone_compute.ingest.write.delivery import RemoteStaging, fetch_source, is_uploaded
from halftone_compute.ingest.write.staging import Staging, local_source

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from halftone_servicekit.sources import Source
    from halftone_servicekit.storage import Storage

    from halftone_compute.ingest.jobs.client import Job
    from halftone_compute.ingest.sandbox.confine import ChildLimits


@dataclass(frozen=True, slots=True)
class Workspace:
    """`limits` bound the child that reads a file, `max_bytes` one version on disk.

    `root` is the storage itself. With `remote` it is a scratch folder of this process, and versions are uploaded.
    `scratch` is such a folder beside a local storage, for previews and what is fetched. `sources` are those that the
    operator has opened, by name.
    """

    root: Path
    limits: ChildLimits
    max_bytes: int
    remote: Storage | None = None
    scratch: Path | None = None
    sources: Mapping[str, Source] = field(default_factory=dict)

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
        if job.uri.startswith(SCHEME):
            return self._from_source(job, on_progress)
        if self.remote is None:
            return local_source(self.root, job.uri)
        kept = self.root / "previewed"
        source = kept / hashlib.sha256(job.uri.encode()).hexdigest() / "source"
        if source.exists() and is_uploaded(self.remote, job.uri):
            return source
        shutil.rmtree(kept, ignore_errors=True)
        partial = source.with_name("partial")
        fetch_source(self.remote, job.uri, partial, self.max_bytes, on_progress)
        return partial.rename(source)

    def import_source(self, job: Job, staging: Staging, on_progress: Callable[[int, int], None]) -> Path:
        """The file of an import, or the folder of its parts, on this disk. Raises like `preview_source`."""
        if job.uri.startswith(SCHEME):
            return self._from_source(job, on_progress)
        return staging.source(job.uri, on_progress)

    def forget_fetched(self, job: Job) -> None:
        """Removes what was fetched from a source for this job."""
        shutil.rmtree(self._fetched(job), ignore_errors=True)

    def _fetched(self, job: Job) -> Path:
        return (self.scratch or self.root) / "fetched" / f"{job.job_id}-{job.token}"

    def _from_source(self, job: Job, on_progress: Callable[[int, int], None]) -> Path:
        """A folder of this machine is read in place; objects are fetched for this job."""
        name, _, path = job.uri.removeprefix(SCHEME).partition("/")
        source = self.sources.get(name)
        if source is None:
            raise HalftoneError(ErrorCode.NOT_FOUND, f"The worker has no source {name}.")
        if source.is_local:
            return source.local_path(path)
        self.forget_fetched(job)
        return source.fetch(path, self._fetched(job), self.max_bytes, on_progress)
