"""A build makes the tiles that the index has, of what a plan gathers. What they hold is tested in the background."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from compute_rig.ordered import hard_rows
from compute_rig.rows import plan_of
from compute_rig.tiled import LEAF, Scene, few_rows
from halftone.v1 import frame_pb2
from halftone_compute.backends.base import Cancel
from halftone_compute.backends.cpu.engine import CpuEngine
from halftone_compute.backends.engines import Engines
from halftone_compute.render.background.build import TileBuild
from halftone_compute.render.job import RenderJob
from halftone_compute.render.read.rows import RowReader
from halftone_servicekit.errors import HalftoneError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from halftone_compute.render.background.tile_set import TileSet

HARD = hard_rows()


class FullError(Exception):
    """There is no more room."""


def built(
    scene: Scene, reduction: str, *, make_room: Callable[[int], None] = lambda size: None, cancel: Cancel | None = None
) -> TileSet:
    index = scene.version.index
    assert index is not None
    job = RenderJob(scene.made.grant(), scene.version, plan_of(reduction), {})
    rows = RowReader(Engines(CpuEngine()), 1 << 30)
    with tempfile.TemporaryFile() as file:
        return TileBuild(job, index.leaves(), index.pyramid(), rows, file, make_room, cancel or Cancel()).run()


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    few_rows(monkeypatch)
    return Scene(tmp_path, *HARD["a point and noise"])


def test_each_tile_of_the_index_has_one(scene: Scene) -> None:
    index = scene.version.index
    assert index is not None
    base, sizes = index.pyramid(), list[int]()
    made = built(scene, "sum", make_room=sizes.append)
    for name in ("ex", "ey", "ix", "iy", "rows"):
        np.testing.assert_array_equal(made.pyramid.directory[name], base.directory[name])
    assert sizes == sorted(sizes)
    assert sizes[-1] == len(made.pyramid.data)
    for place, entry in enumerate(base.directory):
        counts, valid, _ = made.pyramid.planes_of(place)
        assert counts.cells.sum() == entry["rows"] >= valid.cells.sum()


def test_a_crowded_leaf_has_what_all_its_rows_hold(scene: Scene) -> None:
    index = scene.version.index
    assert index is not None
    leaves = index.leaves()
    (crowded,) = np.flatnonzero(leaves.crowded)
    made = built(scene, "max")
    (block,) = scene.version.blocks(["v"], leaves.runs(np.array([crowded])))
    values = block.values["v"][block.valid["v"]]
    found = {plane.role: plane.cells.tolist() for plane in made.crowds}
    assert found == {
        frame_pb2.PLANE_ROLE_COUNT: [leaves.rows[crowded]],
        frame_pb2.PLANE_ROLE_VALID: [len(values)],
        frame_pb2.PLANE_ROLE_MAX: [values.max()],
    }
    assert leaves.rows[crowded] > LEAF


def test_it_ends_when_there_is_no_room_or_it_is_cancelled(scene: Scene) -> None:
    def full(size: int) -> None:
        raise FullError

    with pytest.raises(FullError):
        built(scene, "sum", make_room=full)
    cancel = Cancel()
    cancel.set()
    with pytest.raises(HalftoneError, match="cancelled"):
        built(scene, "sum", cancel=cancel)


def test_an_index_without_tiles_has_none_of_values(scene: Scene) -> None:
    index = scene.version.index
    assert index is not None
    base = index.pyramid()
    job = RenderJob(scene.made.grant(), scene.version, plan_of("sum"), {})
    rows = RowReader(Engines(CpuEngine()), 1 << 30)
    none = replace(base, directory=base.directory[:0])
    with tempfile.TemporaryFile() as file:
        made = TileBuild(job, index.leaves(), none, rows, file, lambda size: None, Cancel()).run()
    assert len(made.pyramid.directory) == len(made.pyramid.data) == 0
