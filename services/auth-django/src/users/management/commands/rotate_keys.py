"""`rotate_keys`: adds a signing key, published now and used from 600 s later; deletes expired keys."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from typing_extensions import override

from users.tokens.keys import PUBLISH_AHEAD_S, KeyFolder, key_folder


class Command(BaseCommand):
    help = __doc__ or ""

    @override
    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-missing", action="store_true", help="Do nothing when there is a key.")
        parser.add_argument(
            "--now", action="store_true", help="A key has leaked: sign with a new one at once and delete every other."
        )

    @override
    def handle(self, *, if_missing: bool, now: bool, **_: Any) -> None:
        folder = key_folder()
        if if_missing and folder.all():
            return
        kid = rotate(folder, time.time(), now)
        self.stdout.write(f"New signing key {kid}")


def rotate(folder: KeyFolder, now: float, leaked: bool = False) -> str:
    """Adds a key and deletes the retired ones, or all others when one has leaked. Returns the new id."""
    before = folder.all()
    fresh = folder.add(now if leaked or not before else now + PUBLISH_AHEAD_S)
    kept = {fresh.kid} if leaked else {key.kid for key in folder.published(now)}
    for key in before:
        if key.kid not in kept:
            folder.remove(key)
    return fresh.kid
