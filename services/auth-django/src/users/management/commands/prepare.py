"""`prepare`: prepares a database for this release: migrations, the first signing key, the first administrator.

Safe to repeat and to run concurrently: an advisory lock serialises runs.
"""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection
from halftone_auth.database.locks import Lock, advisory_lock
from halftone_auth.database.migrated import wait_for_database
from typing_extensions import override

from users.tokens.keys import ensure_key


class Command(BaseCommand):
    help = __doc__ or ""
    # The database may not be up yet.
    requires_system_checks = ()

    @override
    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--wait", type=float, default=60.0, help="Seconds to wait for the database to come up.")

    @override
    def handle(self, *, wait: float, verbosity: int, **_: Any) -> None:
        if not wait_for_database(wait):
            raise CommandError(f"The database could not be reached for {wait:.0f} s.")
        try:
            lift_statement_timeout()
            with advisory_lock(Lock.PREPARE):
                call_command("migrate", interactive=False, verbosity=verbosity, stdout=self.stdout)
                ensure_key()
                call_command("ensure_admin", stdout=self.stdout)
        except DatabaseError as error:
            first = str(error).strip().partition("\n")[0]
            raise CommandError(f"The database could not be prepared: {first}") from error


def lift_statement_timeout() -> None:
    """Lifts the statement timeout of requests: a migration, or the wait for another, may take longer."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
