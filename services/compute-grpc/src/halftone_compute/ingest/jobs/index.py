"""One attempt at an index: the rows of a published version in another order, as the next version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from halftone_compute.index.pair import PairWish
from halftone_compute.ingest.jobs.attempt import JobAttempt
from halftone_compute.ingest.write.again import brought
from halftone_compute.store.manifest import FILE_NAME, load

if TYPE_CHECKING:
    from halftone_compute.ingest.jobs.lease import LeaseRenewal


class IndexAttempt(JobAttempt):
    """Runs `job` once, like an import whose rows are there already. The file of the user is not read."""

    @override
    def _rows(self, lease: LeaseRenewal) -> int:
        """Brings the files of the version, unless an earlier attempt has; their bytes."""
        if not self._staging.create(self._stop.check):
            on_progress = self._copy_progress(lease, "fetching", 0)
            brought(self._staging, self._job.uri, PairWish.from_json(self._job.pair), on_progress)
        return load((self._staging.folder / FILE_NAME).read_bytes()).bytes
