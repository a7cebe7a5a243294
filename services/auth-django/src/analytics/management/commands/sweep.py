"""`sweep`: does what is due: removes deleted datasets and left-over files, sends unsent messages."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from typing_extensions import override

from analytics.sweep import sweep


class Command(BaseCommand):
    help = __doc__ or ""

    @override
    def handle(self, **_: Any) -> None:
        done = sweep(timezone.now())
        self.stdout.write(", ".join(f"{name.replace('_', ' ')}: {count}" for name, count in done.items()))
