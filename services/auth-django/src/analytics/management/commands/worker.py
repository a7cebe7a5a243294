"""`worker`: runs the tasks that `beat` sends: deletes expired rows and files, retries unsent messages."""

import warnings
from typing import Any

from celery.exceptions import SecurityWarning
from django.core.management.base import BaseCommand
from typing_extensions import override

from analytics.upkeep.worker import ARGUMENTS, make_app


class Command(BaseCommand):
    help = __doc__ or ""

    @override
    def handle(self, **_: Any) -> None:
        # Celery warns root about messages that execute code; ours are JSON.
        warnings.simplefilter("ignore", SecurityWarning)
        make_app().worker_main(ARGUMENTS)
