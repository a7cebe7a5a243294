"""Counts of the default view's cells, against numbers that are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from halftone_compute.ingest.sandbox.picture import HEIGHT, WIDTH, picture
from halftone_compute.store.data_file import DataFile
from halftone_compute.store.manifest import ColumnEntry
from halftone_views.columns import ColumnInfo
from halftone_views.default_view import DefaultView

if TYPE_CHECKING:
    from pathlib import Path


def _column(folder: Path, name: str, values: np.ndarray, valid: np.ndarray | None = None) -> ColumnEntry:
    files = {"values": DataFile(name, values.nbytes, "")}
    values.tofile(folder / name)
    if valid is not None:
        files["valid"] = DataFile(f"{name}.valid", len(valid), "")
        valid.tofile(folder / f"{name}.valid")
    return ColumnEntry(ColumnInfo(name, "number"), "plain", values.dtype.str, files)


def _counts(folder: Path, box: tuple[float, float, float, float], x: Any, y: Any) -> np.ndarray:  # noqa: ANN401
    columns = {"x": _column(folder, "x", np.array(x)), "y": _column(folder, "y", np.array(y))}
    made = picture(DefaultView("points", "x", "y", *box), columns, folder)
    assert {made[side] for side in ("x_min", "x_max", "y_min", "y_max")} == set(box)
    return np.array(made["counts"]).reshape(HEIGHT, WIDTH)


def test_rows_go_from_below(tmp_path: Path) -> None:
    counts = _counts(tmp_path, (0.0, 160.0, 0.0, 100.0), [0.0, 0.5, 159.9, 3.0], [0.0, 0.0, 99.9, 7.0])
    assert (counts[0, 0], counts[99, 159], counts[7, 3], counts.sum()) == (2, 1, 1, 4)


def test_what_lies_outside_or_nowhere_is_not_counted(tmp_path: Path) -> None:
    x = [np.nan, np.inf, -np.inf, -1.0, 160.0, 5.0]
    assert _counts(tmp_path, (0.0, 160.0, 0.0, 100.0), x, [1.0] * 6).sum() == 1


def test_a_missing_integer_is_not_counted(tmp_path: Path) -> None:
    columns = {"x": _column(tmp_path, "x", np.array([1, 0, 2]), np.array([True, False, True]))}
    made = picture(DefaultView("histogram", "x", None, 0.0, 3.0, 0.0, 1.0), columns, tmp_path)
    assert made["y"] is None
    assert np.flatnonzero(np.array(made["counts"])).tolist() == [53, 106]


@pytest.mark.parametrize(("low", "high"), [(0.0, 5e-324), (-1.7e308, 1.7e308), (1e-306, 2e-306), (1e16, 1e16 + 2)])
def test_extreme_ranges_lose_no_row(tmp_path: Path, low: float, high: float) -> None:
    x = [low, low, np.nextafter(high, -np.inf)]
    counts = _counts(tmp_path, (low, high, 0.0, 1.0), x, [0.5] * 3)
    assert counts.sum() == 3
    assert counts[50, 0] >= 2
