"""`/metrics`, `/healthz`, `/readyz`."""

import time

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from halftone_auth.database.migrated import is_migrated
from halftone_auth.redis import bus
from halftone_auth.storage import storage
from halftone_servicekit.errors import HalftoneError
from halftone_servicekit.metrics import metrics_payload
from users.tokens.keys import key_folder

from monitoring.probe import ProbeWithTimeout

log = structlog.get_logger(__name__)

# Of the 3 s that a probe waits, the database and each Redis need a part.
STORAGE_S = 1.0


@require_safe
def metrics(_request: HttpRequest) -> HttpResponse:
    """All metrics in the format of Prometheus."""
    body, content_type = metrics_payload()
    return HttpResponse(body, content_type=content_type)


@require_safe
def healthz(_request: HttpRequest) -> JsonResponse:
    """200 while the process serves requests."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """200 when users can sign in and read the catalogue; else 503. The body names each check.

    Storage and Redis are reported but do not decide: their outage ends uploads or slows requests, while an unready
    service would end sign-in as well.
    """
    checks = {"database": is_migrated(), "keys": keys_are_ready()}
    ready = all(checks.values())
    body = {
        "status": "ready" if ready else "not ready",
        "checks": checks,
        "storage": storage_probe.probe(),
        "redis": redis_answers(),
    }
    return JsonResponse(body, status=200 if ready else 503)


def redis_answers() -> dict[str, bool]:
    """Whether each configured Redis answers."""
    urls = {"broker": settings.BROKER_URL, "bus": settings.BUS_URL, "cache": settings.CACHE_URL}
    return {name: bus.ping(url) for name, url in urls.items() if url.startswith("redis")}


def keys_are_ready() -> bool:
    """Whether there is a key to sign with."""
    try:
        key_folder().current(time.time())
    except (HalftoneError, OSError, ValueError) as error:
        log.warning("keys_not_ready", error=repr(error))
        return False
    return True


def storage_is_ready() -> bool:
    """Whether a folder can be written to, or object storage answers."""
    try:
        storage().ready()
    except (HalftoneError, OSError) as error:
        log.warning("storage_not_ready", error=repr(error))
        return False
    return True


storage_probe = ProbeWithTimeout(storage_is_ready, STORAGE_S)
