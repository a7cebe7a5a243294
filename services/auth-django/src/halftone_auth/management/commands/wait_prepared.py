"""`wait_prepared`: returns once the database has every migration of this release."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from typing_extensions import override

from halftone_auth.database.migrated import wait_for_migrations


class Command(BaseCommand):
    help = __doc__ or ""
    requires_system_checks = ()

    @override
    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--timeout", type=float, default=600.0, help="Seconds to wait.")

    @override
    def handle(self, *, timeout: float, **_: Any) -> None:
        if not wait_for_migrations(timeout):
            raise CommandError(f"The database was not prepared within {timeout:.0f} s.")
        self.stdout.write("The database is prepared.")
