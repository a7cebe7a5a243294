"""Zone maps against NumPy's least and greatest of each leaf."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from compute_rig.ordered import few_rows_a_chunk
from compute_rig.stored import write
from halftone_compute.index.zones import zones_of
from halftone_compute.store.manifest import load

if TYPE_CHECKING:
    from pathlib import Path

STARTS = np.array([0, 3, 4, 20, 21, 28, 40])
FLOATS = np.random.default_rng(2).normal(size=40)
FLOATS[[0, 1, 2, 5, 39]] = np.nan, np.inf, -np.inf, np.nan, np.inf


@pytest.mark.parametrize("chunk", [1, 7, 1000])
@pytest.mark.parametrize(
    "values",
    [FLOATS, FLOATS.astype("f4"), np.arange(40, dtype="i2") - 20, np.arange(40, dtype="u1")],
    ids=["f8", "f4", "i2", "u1"],
)
def test_finite_values_of_each_leaf(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int, values: np.ndarray
) -> None:
    few_rows_a_chunk(monkeypatch, chunk)
    np.testing.assert_array_equal(zones(tmp_path, values), _expected(values, np.ones(40, np.bool_)))


def test_rows_without_a_value_do_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few_rows_a_chunk(monkeypatch, 7)
    valid = np.random.default_rng(3).random(40) < 0.5
    valid[3], valid[4] = False, True
    found = zones(tmp_path, np.arange(40, dtype="i8"), valid)
    np.testing.assert_array_equal(found, _expected(np.arange(40), valid))
    assert found[:, 1].tolist() == [np.inf, -np.inf]


@pytest.mark.parametrize("dtype", ["i8", "u8"])
def test_integers_that_float64_does_not_hold_are_rounded_outward(tmp_path: Path, dtype: str) -> None:
    values = np.full(40, 5, dtype)
    values[:4] = [2**53 - 1, 2**53 - 1, 2**53 - 1, 2**53 + 1]
    values[4:20] = 2**62 + 1
    values[20] = np.iinfo(dtype).min
    values[21:28] = np.iinfo(dtype).max
    least, greatest = zones(tmp_path, values)
    assert (least[0], greatest[0]) == (2.0**53 - 1, 2.0**53 - 1)
    for leaf, (start, stop) in enumerate(zip(STARTS[:-1].tolist(), STARTS[1:].tolist(), strict=True)):
        rows = values[start:stop].tolist()
        assert int(least[leaf]) <= min(rows)
        assert int(greatest[leaf]) >= max(rows)
        assert int(greatest[leaf]) - int(least[leaf]) <= max(rows) - min(rows) + 2**13


def test_no_leaves(tmp_path: Path) -> None:
    assert zones(tmp_path, np.empty(0), starts=np.array([0])).shape == (2, 0)


def zones(root: Path, values: np.ndarray, valid: np.ndarray | None = None, starts: np.ndarray = STARTS) -> np.ndarray:
    path = write(root, {"v": values}, None if valid is None else {"v": valid}).file("manifest.json")
    return zones_of(path.parent, load(path.read_bytes()).columns[0], starts)


def _expected(values: np.ndarray, valid: np.ndarray) -> np.ndarray:
    has = np.isfinite(values) & valid
    parts = [values[start:stop][has[start:stop]] for start, stop in pairwise(STARTS)]
    return np.array(
        [
            [part.min() if len(part) else np.inf for part in parts],
            [part.max() if len(part) else -np.inf for part in parts],
        ],
        np.float64,
    )
