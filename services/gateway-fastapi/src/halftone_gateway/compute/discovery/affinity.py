"""Which compute service makes a piece: rendezvous hashing with a bound on the load, pure.

Rendezvous hashing keeps a block of a version on one service, whose memory then holds its rows; a service that comes or
goes moves only its own share. A bound on the load keeps one hot block from filling one service while others are idle
(V. Mirrokni, M. Thorup, M. Zadimoghaddam, "Consistent Hashing with Bounded Loads", 2018).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from halftone.v1.frame_pb2 import TileAddress

BLOCK: Final = 8
# A service may have this many times the mean number of requests ...
BOUND: Final = 1.25
# ... and one more, so that a few concurrent requests stay on a warm service.
SLACK: Final = 1

Pools = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A service; `spilled` when the first in the order of its key is over the bound."""

    target: str
    spilled: bool


def block_key(version_id: str, address: TileAddress | None) -> str:
    """One key for 8 x 8 tiles of a level of a version; one for all free viewports of a version (no address)."""
    if address is None:
        return version_id
    return f"{version_id}/{address.ex}/{address.ix // BLOCK}/{address.ey}/{address.iy // BLOCK}"


def choose(pools: Sequence[Sequence[str]], key: str, loads: Mapping[str, int]) -> Choice | None:
    """From the first pool that has a service; None when none has. `loads` counts requests under way, 0 when absent."""
    targets = next((pool for pool in pools if pool), ())
    if not targets:
        return None
    limit = BOUND * sum(loads.get(target, 0) for target in targets) / len(targets) + SLACK
    # The mean is never above its bound, so one of them always passes.
    first, *others = ranked(targets, key)
    if loads.get(first, 0) <= limit:
        return Choice(first, spilled=False)
    return Choice(next(target for target in others if loads.get(target, 0) <= limit), spilled=True)


def ranked(targets: Sequence[str], key: str) -> list[str]:
    """The services in the order in which this key prefers them; the order of `targets` does not count."""
    return sorted(targets, key=lambda target: (_weight(target, key), target), reverse=True)


def _weight(target: str, key: str) -> bytes:
    return blake2b(f"{target}\n{key}".encode(), digest_size=8).digest()
