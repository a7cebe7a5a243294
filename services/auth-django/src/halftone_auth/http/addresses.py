"""The address of a client, for limits and for the list of sessions."""

from collections.abc import Sequence
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest

from halftone_auth.config.environment import Network


def client_address(request: HttpRequest) -> str:
    """The peer's address, or what a trusted proxy says it is."""
    return resolve(
        request.META.get("REMOTE_ADDR") or "",
        request.headers.get("Forwarded", ""),
        request.headers.get("X-Forwarded-For", ""),
        settings.TRUSTED_PROXIES,
    )


def resolve(peer: str, forwarded: str, x_forwarded_for: str, proxies: Sequence[Network]) -> str:
    """Walks the chain of proxies from the peer back, as far as every hop is trusted."""
    hops = _forwarded_for(forwarded) if forwarded else [hop.strip() for hop in x_forwarded_for.split(",")]
    address = _plain(peer)
    for hop in reversed([hop for hop in hops if hop]):
        if not _is_trusted(address, proxies):
            break
        claimed = _plain(hop)
        if not claimed:
            break
        address = claimed
    return address


def _forwarded_for(header: str) -> list[str]:
    parts = [part.strip() for element in header.split(",") for part in element.split(";")]
    return [part[4:].strip('"') for part in parts if part.lower().startswith("for=")]


def _plain(text: str) -> str:
    """The address without port and brackets; empty when it is none."""
    candidate = text
    if text.startswith("["):
        candidate = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        candidate = text.partition(":")[0]
    try:
        return str(ip_address(candidate))
    except ValueError:
        return ""


def _is_trusted(address: str, proxies: Sequence[Network]) -> bool:
    return bool(address) and any(ip_address(address) in network for network in proxies)
