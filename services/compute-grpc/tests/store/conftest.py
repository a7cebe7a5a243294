"""A version on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from compute_rig.stored import Made, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Ten rows of an int16, a float64, and an int64 with nulls, beside a text column."""
    rows = np.arange(10)
    return write(
        tmp_path,
        {"a": rows.astype(np.int16), "b": rows / 3, "c": rows.astype(np.int64)},
        {"c": rows % 2 == 0},
    )
