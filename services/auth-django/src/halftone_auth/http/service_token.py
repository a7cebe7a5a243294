"""The shared secret of services that call the internal API."""

from secrets import compare_digest

from django.conf import settings


def is_service(authorization: str) -> bool:
    """Whether an `Authorization` header carries the service token. False when none is configured."""
    scheme, _, token = authorization.partition(" ")
    expected: str = settings.SERVICE_TOKEN
    return bool(expected) and scheme.lower() == "bearer" and compare_digest(token.strip().encode(), expected.encode())
