"""Messages to workers: written in the transaction of their cause, sent after its commit."""

from datetime import timedelta
from itertools import takewhile

import structlog
from django.db import transaction
from django.utils import timezone
from halftone_auth.celery.sender import INGEST_QUEUE, INGEST_TASK, wake
from kombu.exceptions import OperationalError

from analytics.models import Outbox

log = structlog.get_logger(__name__)

KEPT = timedelta(days=1)


def wake_ingest() -> None:
    """Notifies an ingest worker after the surrounding transaction commits."""
    message = Outbox.objects.create(task=INGEST_TASK, queue=INGEST_QUEUE)
    transaction.on_commit(lambda: _send(message))


def send_unsent() -> int:
    """Retries unsent messages; returns how many were sent."""
    waiting = Outbox.objects.filter(sent_at=None).order_by("id")[:100]
    # Stop at the first failure: the broker is unreachable, and each message would wait for it.
    return sum(1 for _ in takewhile(_send, waiting))


def forget_sent() -> int:
    """Deletes messages sent more than a day ago."""
    count, _ = Outbox.objects.filter(sent_at__lt=timezone.now() - KEPT).delete()
    return count


def _send(message: Outbox) -> bool:
    """An unreachable broker is no error: workers also poll every 10 s."""
    try:
        wake(message.task, message.queue)
    except (OSError, OperationalError) as error:
        log.warning("message_not_sent", task=message.task, error=repr(error))
        return False
    return bool(Outbox.objects.filter(pk=message.pk, sent_at=None).update(sent_at=timezone.now()))
