"""A copy holds the rows of a version in the order of other axes. What pictures of it show is tested with `copies`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from compute_rig.memory import MemoryVersion
from compute_rig.rows import GRANT, plan_of
from compute_rig.tokens import VERSION
from halftone.v1 import compute_pb2
from halftone_compute.backends.base import Cancel
from halftone_compute.render.axes import name_of
from halftone_compute.render.background.copy import CopyBuild, OrderedCopy
from halftone_compute.render.job import RenderJob
from halftone_compute.store.base import ROW_NUMBER
from halftone_servicekit.errors import ErrorCode, HalftoneError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RNG = np.random.default_rng(8)
ROWS = 3000
# Some have no logarithm.
X, Y = RNG.normal(size=ROWS), RNG.integers(-3, 100, ROWS)
VALID = RNG.random(ROWS) < 0.8
SOURCE = MemoryVersion(VERSION, {"x": X, "y": Y, "v": np.arange(ROWS) * VALID}, valid={"v": VALID}, block_rows=700)
PLAN = plan_of("last")
PLAN.y.transform = compute_pb2.TRANSFORM_LOG10
LOG = name_of(PLAN.y)


class FullError(Exception):
    """There is no more room."""


def copied(
    folder: Path, make_room: Callable[[int], None] = lambda size: None, cancel: Cancel | None = None
) -> OrderedCopy:
    job = RenderJob(GRANT, SOURCE, PLAN, {})
    return CopyBuild(job, "copy-1", ("x", LOG, "v", ROW_NUMBER), 1, folder, make_room, cancel or Cancel()).run()


def test_every_row_is_there_with_its_number(tmp_path: Path) -> None:
    sizes: list[int] = []
    copy = copied(tmp_path, sizes.append)
    assert copy.rows == ROWS
    assert sizes[-1] == copy.bytes > ROWS * (8 + 8 + 8 + 1)
    assert list(tmp_path.iterdir()) == []
    (block,) = copy.blocks(["x", LOG, "v", ROW_NUMBER], None)
    numbers = block.values[ROW_NUMBER]
    assert sorted(numbers.tolist()) == list(range(ROWS))
    np.testing.assert_array_equal(block.values["x"], X[numbers])
    np.testing.assert_array_equal(block.valid["v"], VALID[numbers])
    np.testing.assert_array_equal(block.values["v"], (np.arange(ROWS) * VALID)[numbers])
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = np.where(Y > 0, np.log10(Y), np.nan)[numbers]
    np.testing.assert_allclose(block.values[LOG], expected, rtol=1e-15)
    # Engines must not take its columns for those of the version.
    assert block.version == "copy-1"
    assert [part.version for part in copy.blocks(["x"], [(5, 9)])] == [""]


def test_rows_without_a_place_come_last(tmp_path: Path) -> None:
    copy = copied(tmp_path)
    leaves = copy.index.leaves()
    placed = int((Y > 0).sum())
    assert leaves.starts[leaves.placed] == placed
    (block,) = copy.blocks([LOG], None)
    assert not np.isnan(block.values[LOG][:placed]).any()
    assert np.isnan(block.values[LOG][placed:]).all()


def test_another_column_is_unknown(tmp_path: Path) -> None:
    with pytest.raises(HalftoneError) as caught:
        copied(tmp_path).blocks(["y"], None)
    assert caught.value.code is ErrorCode.UNKNOWN_COLUMN


def test_what_is_not_finished_leaves_nothing(tmp_path: Path) -> None:
    def full(size: int) -> None:
        raise FullError

    with pytest.raises(FullError):
        copied(tmp_path, full)
    cancel = Cancel()
    cancel.set()
    with pytest.raises(HalftoneError, match="cancelled"):
        copied(tmp_path, cancel=cancel)
    assert list(tmp_path.iterdir()) == []
