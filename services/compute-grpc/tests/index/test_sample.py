"""The sample of a version: one row of each stretch, in an order of its own, the same in each run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from compute_rig.ordered import few_rows_a_chunk, few_rows_a_leaf
from compute_rig.stored import Made, write
from halftone_compute.index.build import IndexBuild
from halftone_compute.index.pair import Pair
from halftone_compute.index.sample import PHASE, SampleBuild, chosen_rows, seed_of
from halftone_compute.store.manifest import load
from hypothesis import given
from hypothesis import strategies as st

if TYPE_CHECKING:
    from pathlib import Path

    from halftone_compute.store.index.sample_entry import SampleEntry
    from halftone_compute.store.manifest import Manifest

RNG = np.random.default_rng(8)


@given(st.integers(1, 10**12), st.integers(1, 2_000), st.integers(0, 2**64))
def test_each_stretch_has_one_row(rows: int, count: int, seed: int) -> None:
    count = min(rows, count)
    chosen, order = chosen_rows(rows, count, seed)
    edges = [place * rows // count for place in range(count + 1)]
    assert all(low <= row < high for low, row, high in zip(edges, chosen.tolist(), edges[1:], strict=False))
    assert sorted(order.tolist()) == list(range(count))


def test_no_row() -> None:
    chosen, order = chosen_rows(0, 0, 1)
    assert len(chosen) == len(order) == 0


def test_rows_of_a_stretch_are_equally_likely() -> None:
    places = np.concatenate([chosen_rows(10_000, 1_000, seed)[0] % 10 for seed in range(20)])
    counts = np.bincount(places, minlength=10)
    # Five deviations of a binomial count.
    assert abs(counts - 2_000).max() < 5 * np.sqrt(20_000 * 0.1 * 0.9)


def test_first_rows_are_a_sample_too() -> None:
    chosen, order = chosen_rows(1_000_000, 10_000, 3)
    first = chosen[order[:1_000]]
    assert abs((first < 500_000).mean() - 0.5) < 5 * np.sqrt(0.25 / 1_000)
    assert (np.diff(first) < 0).any()


def test_a_seed_is_of_the_content() -> None:
    assert seed_of("a") == seed_of("a") != seed_of("b")


@pytest.mark.parametrize("is_indexed", [True, False])
def test_rows_of_the_sample_are_rows_of_the_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_indexed: bool
) -> None:
    few_rows_a_leaf(monkeypatch, 64)
    few_rows_a_chunk(monkeypatch, 501)
    monkeypatch.setattr("halftone_compute.index.sample.CHUNK_ROWS", 501)
    columns, valid = _columns(3_000)
    made = write(tmp_path, columns, valid, {"k": 4})
    manifest = load(made.file("manifest.json").read_bytes())
    folder = made.file("")
    if is_indexed:
        manifest = IndexBuild(folder, manifest, Pair("x", "y", 0), 1 << 20, lambda *_: None).run()
    reports: list[tuple[str, int, int]] = []
    entry = SampleBuild(folder, manifest, 700, lambda *each: reports.append(each)).run()
    assert {phase for phase, _, _ in reports} == {PHASE}
    assert all(0 <= done < rows == 3_000 for _, done, rows in reports)
    assert entry.rows == 700
    _check_rows(made, entry, columns, valid)
    _check_stretches(made, manifest, entry)


def test_the_same_version_gives_the_same_sample(tmp_path: Path) -> None:
    columns = {"x": RNG.random(5_000)}
    entries = []
    for run in "ab":
        made = write(tmp_path / run, columns)
        manifest = load(made.file("manifest.json").read_bytes())
        entries.append(SampleBuild(made.file(""), manifest, 300, lambda *_: None).run())
    assert entries[0] == entries[1]


def _check_rows(made: Made, entry: SampleEntry, columns: dict[str, np.ndarray], valid: dict[str, np.ndarray]) -> None:
    numbers = np.fromfile(made.file(entry.numbers.file), "<u4")
    assert len(set(numbers.tolist())) == entry.rows
    assert set(entry.columns) == set(columns)
    for name, values in columns.items():
        found = np.fromfile(made.file(entry.columns[name]["values"].file), values.dtype)
        np.testing.assert_array_equal(found, values[numbers])
        assert ("valid" in entry.columns[name]) == (name in valid)
    found = np.fromfile(made.file(entry.columns["v"]["valid"].file), np.bool_)
    np.testing.assert_array_equal(found, valid["v"][numbers])


def _check_stretches(made: Made, manifest: Manifest, entry: SampleEntry) -> None:
    """Each stretch of the version, in its order, has one row of the sample."""
    numbers = np.fromfile(made.file(entry.numbers.file), "<u4")
    if manifest.index is not None:
        stored = np.fromfile(made.file(manifest.index.files["numbers"].file), "<u4")
        numbers = np.argsort(stored)[numbers]
    edges = np.arange(entry.rows + 1) * manifest.rows // entry.rows
    assert (np.histogram(numbers, edges)[0] == 1).all()


def _columns(rows: int) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    columns: dict[str, np.ndarray] = {
        "x": RNG.normal(size=rows),
        "y": RNG.random(rows).astype(np.float32),
        "t": RNG.integers(0, 10**15, rows),
        "k": RNG.integers(0, 4, rows).astype(np.int32),
        "v": RNG.integers(-99, 99, rows).astype(np.int16),
    }
    return columns, {"v": RNG.random(rows) < 0.7}
