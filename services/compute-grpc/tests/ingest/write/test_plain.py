"""Number and time columns on disk: exact values, statistics and nulls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from ingest_rig.columns import values, written

if TYPE_CHECKING:
    from pathlib import Path


def test_numbers(tmp_path: Path) -> None:
    entry = written(tmp_path, pa.array([1, None], pa.int16()), pa.array([3], pa.int16()))
    assert (entry.info.type, entry.info.dtype, entry.layout, entry.storage) == ("number", "int16", "<i2", "plain")
    assert (entry.info.min, entry.info.max, entry.info.nulls, entry.info.distinct) == (1.0, 3.0, 1, 2)
    assert values(tmp_path, entry).tolist() == [1, 0, 3]
    assert np.fromfile(tmp_path / entry.files["valid"].file, bool).tolist() == [True, False, True]


def test_times(tmp_path: Path) -> None:
    entry = written(tmp_path, pa.array([1, 2], pa.timestamp("ms", "UTC")))
    assert (entry.info.type, entry.info.min, entry.info.max) == ("time", 1_000.0, 2_000.0)
    assert values(tmp_path, entry).tolist() == [1_000, 2_000]


def test_infinities_and_nan(tmp_path: Path) -> None:
    entry = written(tmp_path, pa.array([np.inf, -np.inf, np.nan, None]))
    assert (entry.info.min, entry.info.max, entry.info.nulls) == (None, None, 2)
    assert "valid" not in entry.files
