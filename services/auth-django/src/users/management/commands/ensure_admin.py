"""`ensure_admin`: creates the first administrator from HALFTONE_ADMIN_EMAIL and HALFTONE_ADMIN_PASSWORD."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from typing_extensions import override

from users.models import User
from users.services import ensure_admin


class Command(BaseCommand):
    help = __doc__ or ""

    @override
    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--reset-password",
            action="store_true",
            help="Set the password of an existing administrator and end the sessions.",
        )

    @override
    def handle(self, *, reset_password: bool, **_: Any) -> None:
        email, password = settings.ADMIN_EMAIL, settings.ADMIN_PASSWORD
        if not password:
            if not reset_password and User.objects.filter(email=email.lower()).exists():
                return
            raise CommandError("HALFTONE_ADMIN_PASSWORD is not set.")
        try:
            user, made = ensure_admin(email, password, reset_password)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"{'Made' if made else 'Found'} the administrator {user.email}")
