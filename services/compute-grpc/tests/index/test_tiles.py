"""Rows of files in the walk, and the files of tiles that it makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from compute_rig.ordered import few_rows_a_chunk
from compute_rig.stored import write
from halftone.v1 import frame_pb2
from halftone_compute.backends.base import LatticeRegion
from halftone_compute.index.coordinates import Axis
from halftone_compute.index.tiles import FileRows, TileFile
from halftone_compute.index.walk import Node
from halftone_compute.store.hashed_file import HashedFile
from halftone_compute.store.index.entry import DIRECTORY
from halftone_compute.store.manifest import load
from halftone_compute.store.pyramid.tiles import Pyramid
from halftone_views.lattice import TILE
from halftone_wire import Plane

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_planes_of_some_rows_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few_rows_a_chunk(monkeypatch, 3)
    xs, ys = np.arange(16, dtype="f4") / 4, np.arange(16, dtype="i2")
    path = write(tmp_path, {"x": xs, "y": ys}).file("manifest.json")
    x, y, _ = (Axis(path.parent, column) for column in load(path.read_bytes()).columns)
    expected = np.zeros((8, 4), np.int64)
    np.add.at(expected, (ys[2:15] // 2, xs[2:15].astype(int)), 1)
    with FileRows(x, y, 16) as rows:
        assert (rows.x(3), rows.y(3), rows.x(15), rows.y(0)) == (0.75, 3.0, 3.75, 0.0)
        [plane] = rows.planes(LatticeRegion(0, 0.0, 1, 0.0, 4, 8), 2, 15)
        [none] = rows.planes(LatticeRegion(0, 0.0, 1, 0.0, 4, 8), 5, 5)
    np.testing.assert_array_equal(plane.cells, expected)
    assert none.cells.sum() == 0


def test_tiles_come_back_by_the_directory(tmp_path: Path) -> None:
    counted: list[int] = []
    target = HashedFile(tmp_path, "tiles")
    sink = TileFile(target, counted.append)
    sink.leaf(0, 4)
    sink.leaf(4, 9)
    addresses = [(3, 5, 0, 0), (2, 5, 1, 1), (2, 5, 0, 1), (2, 5, -7, 2), (2, 4, 9, 9)]
    for number, (ex, ey, ix, iy) in enumerate(addresses):
        sink.tile(Node(ex + 8, ix, ey + 8, iy, 0, number), _planes(number))
    target.finish()
    assert (sink.starts, counted) == ([0, 4, 9], [4, 9])
    directory = sink.directory()
    assert directory.dtype == DIRECTORY
    assert directory[["ex", "ey", "ix", "iy"]].tolist() == [addresses[at] for at in (4, 2, 1, 3, 0)]
    assert directory["rows"].tolist() == [4, 2, 1, 3, 0]
    pyramid = Pyramid(0, directory, np.fromfile(tmp_path / "tiles", np.uint8))
    for place, number in enumerate((4, 2, 1, 3, 0)):
        [plane] = pyramid.planes_of(place)
        np.testing.assert_array_equal(plane.cells, _planes(number)[0].cells)


def test_no_tiles(tmp_path: Path) -> None:
    sink = TileFile(HashedFile(tmp_path, "tiles"), lambda _: None)
    assert (sink.starts, len(sink.directory()), sink.directory().dtype) == ([0], 0, DIRECTORY)


def _planes(number: int) -> list[Plane]:
    cells = np.random.default_rng(number).integers(0, 300, (TILE, TILE)).astype(np.uint32)
    return [Plane(frame_pb2.PLANE_ROLE_COUNT, cells)]
