"""The address of a client, for limits and for the list of sessions."""

from django.conf import settings
from django.http import HttpRequest
from halftone_servicekit import addresses


def client_address(request: HttpRequest) -> str:
    """The peer's address, or what a trusted proxy says it is."""
    return addresses.client_address(
        request.META.get("REMOTE_ADDR") or "",
        request.headers.get("Forwarded", ""),
        request.headers.get("X-Forwarded-For", ""),
        settings.TRUSTED_PROXIES,
    )
