"""Coordinates of rows out of files of every type."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from compute_rig.ordered import few_rows_a_chunk
from compute_rig.stored import write
from halftone_compute.index.coordinates import Axis, chunks, has_place, numbers, placed
from halftone_compute.store.manifest import load

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ODD = np.array(
    [1.5, np.nan, np.inf, -np.inf, 2.0**1000, -(2.0**1000), np.nextafter(2.0**1000, 0), -1e302, -5e-324, 0.0]
)


def test_rows_without_a_place_are_nan(tmp_path: Path) -> None:
    found = axes(tmp_path, {"x": ODD})["x"].read(0, len(ODD))
    expected = [1.5, np.nan, np.nan, np.nan, np.nan, -(2.0**1000), np.nextafter(2.0**1000, 0), np.nan, -5e-324, 0.0]
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("dtype", ["<f4", "<i1", "<u8", "<i8"])
def test_all_types_become_float64(tmp_path: Path, dtype: str) -> None:
    values = np.array([0, 1, 100], dtype)
    found = axes(tmp_path, {"x": values})["x"].read(1, 2)
    assert (found.dtype.type, found.tolist()) == (np.float64, [1.0, 100.0])


def test_a_row_without_a_value_has_no_place(tmp_path: Path) -> None:
    found = axes(tmp_path, {"x": np.arange(4)}, {"x": np.array([True, False, True, False])})["x"]
    np.testing.assert_array_equal(found.read(1, 3), [np.nan, 2.0, np.nan])


def test_chunks_are_all_rows_and_placed_those_with_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few_rows_a_chunk(monkeypatch, 3)
    x, y = np.arange(8.0), np.arange(8.0)[::-1].copy()
    x[1], y[6] = np.nan, np.inf
    of = axes(tmp_path, {"x": x, "y": y})
    assert list(chunks(8)) == [(0, 3), (3, 3), (6, 2)]
    pairs = [placed(of["x"].read(*chunk), of["y"].read(*chunk)) for chunk in chunks(8)]
    assert np.concatenate([xs for xs, _ in pairs]).tolist() == [0.0, 2.0, 3.0, 4.0, 5.0, 7.0]
    assert np.concatenate([ys for _, ys in pairs]).tolist() == [7.0, 5.0, 4.0, 3.0, 2.0, 0.0]
    assert has_place(np.array([1.0, np.nan, 1.0]), np.array([1.0, 1.0, np.nan])).tolist() == [True, False, False]


def test_numbers_are_a_stretch_of_a_file(tmp_path: Path) -> None:
    np.arange(9, dtype="<u2").tofile(tmp_path / "file")
    assert numbers(tmp_path / "file", "<u2", 2, 3).tolist() == [2, 3, 4]
    with pytest.raises(OSError, match="file"):
        numbers(tmp_path / "file", "<u2", 7, 5)


def axes(
    root: Path, columns: Mapping[str, np.ndarray], valid: Mapping[str, np.ndarray] | None = None
) -> dict[str, Axis]:
    path = write(root, columns, valid).file("manifest.json")
    entries = load(path.read_bytes()).columns
    return {entry.info.name: Axis(path.parent, entry) for entry in entries if entry.storage == "plain"}
