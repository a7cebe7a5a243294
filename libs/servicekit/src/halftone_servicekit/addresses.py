"""The address of a client behind proxies: headers are read only as far as the proxies that wrote them are trusted."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address

Network = IPv4Network | IPv6Network


def client_address(peer: str, forwarded: str, x_forwarded_for: str, trusted: Sequence[Network]) -> str:
    """Follows the chain of proxies from the peer back, as far as every hop is trusted; empty without a peer.

    `Forwarded` (RFC 7239) is read in place of `X-Forwarded-For` where it is present.
    """
    hops = _forwarded_for(forwarded) if forwarded else [hop.strip() for hop in x_forwarded_for.split(",")]
    address = _plain(peer)
    for hop in reversed([hop for hop in hops if hop]):
        if not _is_trusted(address, trusted):
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


def _is_trusted(address: str, trusted: Sequence[Network]) -> bool:
    return bool(address) and any(ip_address(address) in network for network in trusted)
