"""Rows moved through files, against NumPy's take."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from compute_rig.ordered import few_rows_a_chunk
from halftone_compute.index.shuffle import PLACE, Shuffle, part_dtype
from halftone_compute.store.hashed_file import HashedFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from pathlib import Path

THREADS = st.sampled_from((1, 3))
PARTS = st.lists(st.integers(0, 4), min_size=1, max_size=90)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    few_rows_a_chunk(monkeypatch, 7)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PARTS, st.integers(1, 12), st.sampled_from(("<f8", "<i2", "?", "<u4")), st.integers(0, 99), THREADS)
def test_rows_go_where_numpy_takes_them(
    small: None, tmp_path: Path, parts: list[int], most: int, dtype: str, seed: int, threads: int
) -> None:
    values = (np.arange(len(parts)) * 3).astype(dtype)
    shuffle, expected = _shuffle(tmp_path, parts, most, np.random.default_rng(seed))
    shuffle = replace(shuffle, threads=threads)
    assert shuffle.rows == len(parts)
    moved, counted = _moved(shuffle, values, tmp_path)
    np.testing.assert_array_equal(moved, values[expected])
    assert sum(counted) == len(parts)


def test_the_last_part_and_great_ones_keep_their_order(small: None, tmp_path: Path) -> None:
    shuffle, expected = _shuffle(tmp_path, [2, 0, 1, 2, 0, 0, 0, 1], 3, np.random.default_rng(1), last=2)
    assert [shuffle.is_ordered(part) for part in range(3)] == [False, True, False]
    assert list(shuffle.stretches()) == [(0, 4, False), (4, 2, True), (6, 2, False)]
    moved, _ = _moved(shuffle, np.arange(8), tmp_path)
    assert moved.tolist()[:4] == [1, 4, 5, 6]
    assert moved.tolist()[6:] == [0, 3]
    assert moved.tolist() == expected.tolist()


def test_stretches_that_keep_their_order_are_chunks(small: None, tmp_path: Path) -> None:
    shuffle, _ = _shuffle(tmp_path, [1] * 20 + [0] * 16, 15, np.random.default_rng(1), last=1)
    assert list(shuffle.stretches()) == [
        *[(0, 7, False), (7, 7, False), (14, 2, False)],
        *[(16, 7, False), (23, 7, False), (30, 6, False)],
    ]


def test_more_parts_than_16_bits_can_number(tmp_path: Path) -> None:
    parts = np.random.default_rng(3).permutation(70_000).tolist()
    shuffle, expected = _shuffle(tmp_path, parts, 3, np.random.default_rng(3), last=70_000)
    moved, _ = _moved(shuffle, np.arange(len(parts)), tmp_path)
    np.testing.assert_array_equal(moved, expected)


def test_a_system_that_takes_a_part_of_what_is_written_loses_no_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pwrite = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda file, data, place: pwrite(file, data[:5], place))
    shuffle, expected = _shuffle(tmp_path, [2, 0, 1, 2, 0, 0, 0, 1] * 9, 40, np.random.default_rng(1))
    moved, _ = _moved(shuffle, np.arange(72), tmp_path)
    np.testing.assert_array_equal(moved, expected)


def test_one_part_is_all_rows(tmp_path: Path) -> None:
    files = tmp_path / "parts", tmp_path / "order"
    assert Shuffle(*files, (5, 0), 9).is_one_part
    assert not Shuffle(*files, (4, 1), 9).is_one_part
    assert not Shuffle(*files, (4, 1, 0), 9).is_one_part


def _shuffle(
    folder: Path, parts: list[int], most: int, rng: np.random.Generator, last: int = 4
) -> tuple[Shuffle, np.ndarray]:
    """A shuffle of rows of these parts, each in a random order, and the old row of each new one."""
    found = np.array(parts)
    sizes = np.bincount(found, minlength=last + 1)
    order, expected = [], []
    for part, size in enumerate(sizes.tolist()):
        is_ordered = size <= most and part != last
        places = rng.permutation(size) if is_ordered else np.arange(size)
        order.append(places if is_ordered else np.zeros(size))
        expected.append(np.flatnonzero(found == part)[places])
    found.astype(part_dtype(last + 1)).tofile(folder / "parts")
    np.concatenate(order).astype(PLACE).tofile(folder / "order")
    return Shuffle(folder / "parts", folder / "order", tuple(sizes.tolist()), most), np.concatenate(expected)


def _moved(shuffle: Shuffle, values: np.ndarray, folder: Path) -> tuple[np.ndarray, list[int]]:
    scratch = folder / "scratch"
    counted: list[int] = []
    shuffle.scattered(lambda start, count: values[start : start + count], values.dtype, scratch)
    np.testing.assert_array_equal(np.fromfile(scratch, values.dtype), _by_part(shuffle, values))
    (folder / "moved").unlink(missing_ok=True)
    target = HashedFile(folder, "moved")
    shuffle.moved(scratch, values.dtype, target, counted.append)
    target.finish()
    return np.fromfile(folder / "moved", values.dtype), counted


def _by_part(shuffle: Shuffle, values: np.ndarray) -> np.ndarray:
    found: np.ndarray = values[np.argsort(np.fromfile(shuffle.parts, shuffle.part_dtype), kind="stable")]
    return found
