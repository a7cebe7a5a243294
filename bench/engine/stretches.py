"""Views whose cells are much longer on one axis: when they are first asked for, and once copies are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from halftone_compute.settings import ComputeSettings

from bench.engine.frames import Drawer
from bench.engine.gestures import stretched

if TYPE_CHECKING:
    from pathlib import Path

    from halftone_compute.store.versions import GrantedVersion

    from bench.engine.gestures import Look

FACTORS = (2, 8, 32, 128, 1_000, 10_000, 100_000)
# What the product makes a copy after, over the three views of a factor and an axis.
_TIMES = 3
_PATIENCE_S = 3600.0


@dataclass(frozen=True)
class Stretches:
    """Milliseconds of the views of all factors, in the same order."""

    first: list[float]
    copied: list[float]
    rows_read: list[int]

    @property
    def p95_first(self) -> float:
        return float(np.percentile(self.first, 95))

    @property
    def p95_copied(self) -> float:
        return float(np.percentile(self.copied, 95))


def stretches(version: GrantedVersion, folder: Path) -> Stretches:
    """One factor and axis after the other, as a person works, with the room on disk that the product has."""
    room = ComputeSettings.model_fields["compute_cache_bytes"].default // 3
    drawer = Drawer(version, folder, room)
    found = Stretches([], [], [])
    try:
        for factor in FACTORS:
            looks = list(stretched(factor))
            for axis in (0, 1):
                _measure(drawer, looks[axis::2], found)
    finally:
        drawer.close()
    return found


def _measure(drawer: Drawer, looks: list[Look], found: Stretches) -> None:
    for look in looks:
        drawer.frame(look)
    found.first.extend(drawer.frame(look).ms for look in looks)
    for _ in range(_TIMES - 2):
        for look in looks:
            drawer.frame(look)
    drawer.wait_for_background(_PATIENCE_S)
    for look in looks:
        drawer.frame(look)
    frames = [drawer.frame(look) for look in looks]
    found.copied.extend(frame.ms for frame in frames)
    found.rows_read.extend(frame.receipt.rows_scanned for frame in frames)
