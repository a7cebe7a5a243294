"""Numbers that often stand for a missing value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

_SENTINELS = (-9999.0, -999.0, -99.0, 9999.0, 99999.0, 999999.0, 1e20, 1e36, -1e20, -1e36, -999.9, -9999.9, -99999.0)
_AWAY = 3.0


def apart(parts: Sequence[np.ndarray]) -> float | None:
    """The sentinel that is least or greatest of the values and lies farther from the others than these do."""
    values = np.concatenate([part.astype(np.float64) for part in parts]) if parts else np.empty(0)
    values = values[np.isfinite(values)]
    for value in _SENTINELS:
        rest = values[values != value]
        if len(rest) in (len(values), 0):
            continue
        # Python numbers: what is too large for one is infinite, without a warning.
        low, high = float(rest.min()), float(rest.max())
        gap = low - value if value < low else value - high
        if gap > _AWAY * max(high - low, abs(low) * 1e-9, 1e-300) and len(np.unique(rest[:1000])) > 1:
            return value
    return None
