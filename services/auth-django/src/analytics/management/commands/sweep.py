"""`sweep`: removes deleted datasets and left-over files, retries unsent messages."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from typing_extensions import override

from analytics.upkeep.exclusive import try_sweep


class Command(BaseCommand):
    help = __doc__ or ""

    @override
    def handle(self, **_: Any) -> None:
        done = try_sweep(timezone.now())
        if done is None:
            self.stdout.write("Another sweep is running.")
            return
        self.stdout.write(", ".join(f"{name.replace('_', ' ')}: {count}" for name, count in done.items()))
