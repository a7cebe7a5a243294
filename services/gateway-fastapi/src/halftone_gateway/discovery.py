"""Which compute service makes a piece: a pure choice, and the source of the services to choose from."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final, Protocol

from halftone.v1.frame_pb2 import TileAddress

BLOCK: Final = 8


class Targets(Protocol):
    """Where the compute services are, as `host:port`; never empty."""

    def current(self) -> Sequence[str]: ...


class StaticTargets:
    """A list that never changes."""

    def __init__(self, targets: Sequence[str]) -> None:
        self._targets = tuple(targets)

    def current(self) -> Sequence[str]:
        return self._targets


def block_key(version_id: str, address: TileAddress | None) -> str:
    """What is kept together on one service: 8 x 8 tiles of a level of a version, or its free viewports (no address)."""
    if address is None:
        return version_id
    return f"{version_id}/{address.ex}/{address.ix // BLOCK}/{address.ey}/{address.iy // BLOCK}"


def choose(targets: Sequence[str], key: str) -> str:
    """Rendezvous hashing: a service that comes or goes moves only its own share of the keys."""
    return max(targets, key=lambda target: (_weight(target, key), target))


def _weight(target: str, key: str) -> bytes:
    return blake2b(f"{target}\n{key}".encode(), digest_size=8).digest()
