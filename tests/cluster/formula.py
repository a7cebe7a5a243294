"""Following a table of loads: an autoscaler has as many pods as its formula says, and leaves another tier alone."""

from collections.abc import Sequence
from typing import Protocol

from .release import Release

# (pods, value of each, pods expected); each row begins with what the one before it ended with.
Rows = Sequence[tuple[int, int, int]]


class Load(Protocol):
    """Load on the tiers of a release that a test sets."""

    @property
    def release(self) -> Release:
        """What carries it."""
        ...

    def set(self, component: str, pods: int, value: int) -> None:
        """As much load as so many pods have with this value each."""
        ...

    def told(self, component: str, value: int) -> None:
        """Waits until the autoscaler has read this value: that nothing happened means something only then."""
        ...


def follow(load: Load, component: str, rows: Rows, other: tuple[str, int]) -> None:
    """Row by row, sets the load of a tier and waits for as many pods as expected; `other` keeps its number of pods."""
    name, count = other
    for pods, value, expected in rows:
        load.set(component, pods, value)
        if pods == expected:
            load.told(component, value)
        load.release.settle(component, expected)
        assert load.release.replicas(name) == count
