"""From EndpointSlices to targets: a pure reduction. A slice is the JSON object of discovery.k8s.io/v1 as it came."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

Slice = Mapping[str, Any]

_FAMILIES: Final = ("IPv4", "IPv6")
GONE: Final = 410


class GoneError(Exception):
    """The version to resume from is too old: list again."""


class Slices:
    """The slices of one service, as list and watch report them."""

    def __init__(self) -> None:
        self._slices: dict[str, Slice] = {}
        self.version = ""

    def replace(self, listed: Mapping[str, Any]) -> None:
        """Replaces all slices by the answer of a list. Raises KeyError for a malformed one."""
        self._slices = {item["metadata"]["name"]: item for item in listed.get("items") or ()}
        self.version = listed["metadata"]["resourceVersion"]

    def apply(self, event: Mapping[str, Any]) -> None:
        """Applies one event of a watch. Raises GoneError, ValueError for other errors, KeyError for a malformed one."""
        kind, item = event["type"], event["object"]
        if kind == "ERROR":
            if item.get("code") == GONE:
                raise GoneError
            raise ValueError(f"the watch ended: {item.get('reason', 'unknown')}")
        self.version = item["metadata"]["resourceVersion"]
        if kind == "DELETED":
            self._slices.pop(item["metadata"]["name"], None)
        elif kind in ("ADDED", "MODIFIED"):
            self._slices[item["metadata"]["name"]] = item

    def targets(self, port: int) -> tuple[str, ...]:
        """`address:port` of the ready endpoints of all slices, sorted."""
        return ready_targets(self._slices.values(), port)


def ready_targets(slices: Iterable[Slice], port: int) -> tuple[str, ...]:
    """`address:port` of each pod that takes requests; a pod in slices of both families counts once, by IPv4."""
    found: dict[str, str] = {}
    for family in _FAMILIES:
        for endpoint in _endpoints(slices, family):
            address = endpoint["addresses"][0]
            pod = (endpoint.get("targetRef") or {}).get("uid") or address
            found.setdefault(pod, f"{address}:{port}" if family == "IPv4" else f"[{address}]:{port}")
    return tuple(sorted(set(found.values())))


def _endpoints(slices: Iterable[Slice], family: str) -> list[Slice]:
    of_family = [one for one in slices if one.get("addressType") == family]
    endpoints = [endpoint for one in of_family for endpoint in one.get("endpoints") or ()]
    return [endpoint for endpoint in endpoints if endpoint.get("addresses") and _is_ready(endpoint)]


def _is_ready(endpoint: Slice) -> bool:
    conditions = endpoint.get("conditions") or {}
    # As the API defines it, an absent `ready` means ready.
    return conditions.get("ready") is not False and not conditions.get("terminating")
