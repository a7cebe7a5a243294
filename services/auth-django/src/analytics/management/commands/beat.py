"""`beat`: sends a sweep task each minute. One process is enough; a second only sends more."""

from typing import Any

from django.core.management.base import BaseCommand
from typing_extensions import override

from analytics.upkeep.worker import make_app


class Command(BaseCommand):
    help = __doc__ or ""

    @override
    def handle(self, **_: Any) -> None:
        app = make_app()
        app.Beat(quiet=True, loglevel="INFO", redirect_stdouts=False).run()
