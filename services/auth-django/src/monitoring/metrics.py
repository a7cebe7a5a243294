"""The metrics of this service besides those of django-prometheus."""

from collections.abc import Iterator

import structlog
from analytics.models import Job
from django.db import DatabaseError
from django.db.models import Count
from django.dispatch import receiver
from django.utils import timezone
from halftone_servicekit.metrics import PREFIX, counter, histogram
from prometheus_client import REGISTRY, Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from typing_extensions import override
from users.events import session_revoked, sign_in_tried, user_revoked
from users.models import SessionFamily

log = structlog.get_logger(__name__)

QUERY_BUCKETS = (0, 1, 2, 3, 5, 8, 13, 21, 34, 55)

database_seconds = histogram("auth_database_seconds", "Time a request spent in the database.", ("route", "method"))
database_queries = histogram(
    "auth_database_queries", "Database queries of a request.", ("route", "method"), buckets=QUERY_BUCKETS
)
sign_ins = counter("auth_sign_ins", "Sign-in attempts.", ("outcome",))
sessions_ended = counter("auth_sessions_ended", "Sessions that were revoked.", ("scope",))


class CatalogueCollector(Collector):
    """Counts jobs and sessions in the database at each scrape."""

    def describe(self) -> Iterator[Metric]:
        yield from (_jobs(), _sessions())

    @override
    def collect(self) -> Iterator[Metric]:
        jobs, sessions = _jobs(), _sessions()
        try:
            counts = dict(Job.objects.order_by().values_list("state").annotate(Count("id")))
            live = SessionFamily.objects.filter(revoked_at=None, expires_at__gt=timezone.now()).count()
        except DatabaseError as error:
            # An outage must not hide the process's own metrics.
            log.warning("database_states_unavailable", error=repr(error))
        else:
            for state in Job.State.values:
                jobs.add_metric([state], counts.get(state, 0))
            sessions.add_metric([], live)
        yield from (jobs, sessions)


def _jobs() -> GaugeMetricFamily:
    return GaugeMetricFamily(f"{PREFIX}auth_jobs", "Jobs by state.", labels=["state"])


def _sessions() -> GaugeMetricFamily:
    return GaugeMetricFamily(f"{PREFIX}auth_sessions", "Live sessions.", labels=[])


@receiver(sign_in_tried)
def on_sign_in(outcome: str, **_: object) -> None:
    """Counts sign-in attempts by outcome."""
    sign_ins.labels(outcome).inc()


@receiver(session_revoked)
def on_session_revoked(**_: object) -> None:
    """Counts sessions that ended singly."""
    sessions_ended.labels("session").inc()


@receiver(user_revoked)
def on_user_revoked(**_: object) -> None:
    """Counts users whose sessions all ended."""
    sessions_ended.labels("user").inc()


REGISTRY.register(CatalogueCollector())
