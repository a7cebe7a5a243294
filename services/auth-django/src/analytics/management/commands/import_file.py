"""`import_file`: imports a file of this machine, or what lies in a source, as a dataset, once.

Waits for the worker and shows its progress, unless `--no-wait` is given. Ends with 1 and the named error when it fails.
"""

import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from halftone_servicekit.errors import HalftoneError
from typing_extensions import override
from users.models import User

from analytics.catalogue import datasets
from analytics.jobs import lifecycle
from analytics.models import Dataset, Job, Upload
from analytics.uploads import sources
from analytics.uploads.adopt import adopt

POLL_S = 0.5


class Command(BaseCommand):
    help = __doc__ or ""

    @override
    def add_arguments(self, parser: CommandParser) -> None:
        place = parser.add_mutually_exclusive_group(required=True)
        place.add_argument(
            "--path", type=Path, help="A file of this machine that can be imported, or a folder of Parquet files."
        )
        place.add_argument(
            "--source",
            help="NAME/PATH: a file in a source of HALFTONE_IMPORT_ROOTS, or a folder of them.",
        )
        parser.add_argument("--slug", required=True)
        parser.add_argument("--title", required=True)
        parser.add_argument("--owner", default=settings.ADMIN_EMAIL, help="E-mail of its owner.")
        parser.add_argument("--no-wait", action="store_true", help="Queue the import and return.")

    @override
    def handle(
        self, *, path: Path | None, source: str | None, slug: str, title: str, owner: str, no_wait: bool, **_: Any
    ) -> None:
        try:
            job = queue(path, slug, title, owner, source or "")
        except (HalftoneError, OSError) as error:
            raise CommandError(str(error)) from error
        if job is None:
            self.stdout.write(f"{slug} is there already.")
        elif not no_wait:
            self._wait(job, slug)

    def _wait(self, job: Job, slug: str) -> None:
        while job.state in lifecycle.LIVE:
            share = f"{100 * job.rows / job.rows_total:3.0f} %" if job.rows_total else "  …  "
            self.stdout.write(f"\r{share} {job.rows:>12,} rows  {job.phase or job.state:<12}", ending="")
            self.stdout.flush()
            time.sleep(POLL_S)
            job.refresh_from_db()
        self.stdout.write("")
        if job.state != Job.State.PUBLISHED:
            raise CommandError(f"The import has {job.state}: {job.error_code} {job.error_detail}".rstrip())
        self.stdout.write(f"{job.rows:,} rows are in {slug}.")


def queue(path: Path | None, slug: str, title: str, owner: str, source: str = "") -> Job | None:
    """The running or a new job, or None if the dataset has a version already. Raises HalftoneError, OSError."""
    user = User.objects.filter(email=owner.strip().lower()).first()
    if user is None:
        raise CommandError(f"There is no user {owner}.")
    dataset = Dataset.objects.filter(slug=slug, deleted_at=None).first()
    if dataset is not None:
        if dataset.newest_id is not None:
            return None
        running = dataset.jobs.filter(state__in=lifecycle.LIVE).first()
        if running is not None:
            return running
    upload = adopt(user, path) if path is not None else _referred(user, source)
    with transaction.atomic():
        target = dataset or datasets.create_dataset(user, title, slug, is_draft=True)
        return lifecycle.enqueue(user, target, upload)


def _referred(user: User, place: str) -> Upload:
    name, _, path = place.partition("/")
    return sources.refer(user, sources.source_of(name), path)
