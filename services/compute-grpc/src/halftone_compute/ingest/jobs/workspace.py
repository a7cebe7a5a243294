"""Where versions are written, and what reading one file may cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from halftone_compute.ingest.write.delivery import RemoteStaging
from halftone_compute.ingest.write.staging import Staging

if TYPE_CHECKING:
    from pathlib import Path

    from halftone_servicekit.storage import Storage

    from halftone_compute.ingest.jobs.client import Job
    from halftone_compute.ingest.sandbox.confine import ChildLimits


@dataclass(frozen=True, slots=True)
class Workspace:
    """`limits` bound the child that reads a file, `max_bytes` one version on disk.

    `root` is the storage itself. With `remote` it is a scratch folder of this process, and versions are uploaded.
    """

    root: Path
    limits: ChildLimits
    max_bytes: int
    remote: Storage | None = None

    def staging(self, job: Job) -> Staging:
        """The folders for one attempt at the version of `job`."""
        if self.remote is None:
            return Staging(self.root, job.dataset_id, job.version_id, job.token)
        return RemoteStaging(self.remote, self.root, job.dataset_id, job.version_id, job.token, self.max_bytes)
