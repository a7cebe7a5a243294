"""Cells of single rows, texts and labels among them."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from compute_rig.imported import imported
from compute_rig.indexed import ordered
from halftone_compute.store import cells
from halftone_compute.store.versions import LocalStore
from halftone_servicekit.errors import ErrorCode, HalftoneError

# Texts of more than 512 bytes are no category.
TEXTS = [f"{number} {'é' * 300}" if number % 2 else None for number in range(1000)]


def test_cells_of_chosen_rows(tmp_path: Path) -> None:
    table = {
        "x": pa.array([3.0, None, 1.0, 2.0, 0.0]),
        "y": pa.array([1, 2, None, 4, 5]),
        "c": pa.array(["a", None, "b", "a", "a"]),
    }
    made = imported(tmp_path, table, ordered=False)
    version = LocalStore(tmp_path).open(made.grant())
    rows = np.array([2, 1, 0])
    found = version.cells(["c", "y", "x"], rows, rows)
    assert found["c"].values[[0, 2]].tolist() == ["b", "a"]
    assert found["c"].valid.tolist() == [True, False, True]
    assert found["y"].valid.tolist() == [False, True, True]
    assert found["x"].valid.tolist() == [True, False, True]
    assert version.labels_of("c") == ["a", "b", None]


def test_texts_lie_in_the_order_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = np.random.default_rng(1).normal(size=(2, len(TEXTS)))
    made = ordered(imported(tmp_path, {"x": x, "y": y, "s": TEXTS}, ordered=False))
    version = LocalStore(tmp_path).open(made.grant())
    assert not version.is_in_file_order
    numbers = np.array([999, 2, 1])
    found = version.cells(["s"], np.array([0, 0, 0]), numbers)["s"]
    assert found.values[found.valid].tolist() == [TEXTS[999], TEXTS[1]]
    assert found.valid.tolist() == [True, False, True]
    monkeypatch.setattr(cells, "TEXT_BYTES", 10)
    with pytest.raises(HalftoneError) as caught:
        version.cells(["s"], numbers, numbers)
    assert (caught.value.code, caught.value.field) == (ErrorCode.RENDER_TOO_LARGE, "limit")


def test_a_column_that_a_grant_leaves_out_does_not_exist(tmp_path: Path) -> None:
    made = imported(tmp_path, {"x": [1.0], "y": [2.0]}, ordered=False)
    version = LocalStore(tmp_path).open(made.grant("x"))
    with pytest.raises(HalftoneError) as caught:
        version.cells(["y"], np.array([0]), np.array([0]))
    assert caught.value.code is ErrorCode.UNKNOWN_COLUMN
