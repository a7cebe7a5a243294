"""Whole builds: files in a new order that map back to the old ones, and an index that agrees with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from compute_rig.ordered import few_rows_a_chunk, few_rows_a_leaf, hard_rows
from compute_rig.stored import Made, write
from halftone_compute.index.build import IndexBuild
from halftone_compute.index.pair import Pair
from halftone_compute.store.hashed_file import Syncing
from halftone_compute.store.manifest import dump, load
from halftone_compute.store.versions import LocalStore

if TYPE_CHECKING:
    from pathlib import Path

    from halftone_compute.store.manifest import Manifest

HARD = hard_rows()
LEAF = 64
Columns = dict[str, np.ndarray]


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    few_rows_a_leaf(monkeypatch, LEAF)
    few_rows_a_chunk(monkeypatch, 501)


@pytest.mark.parametrize("most", [300, 1 << 24])
@pytest.mark.parametrize(("offset", "threads"), [(-2, 1), (0, 3), (3, 1)])
def test_columns_of_every_type_move_alike(tmp_path: Path, most: int, offset: int, threads: int) -> None:
    columns, valid = _columns(3000)
    made = write(tmp_path, columns, valid)
    before = {path.name: path.read_bytes() for path in made.file("").iterdir()}
    ordered, reports = _built(made, Pair("x", "t", offset), most, threads)
    # A build that is killed leaves the old version as it was.
    assert all(made.file(name).read_bytes() == data for name, data in before.items())
    assert {phase for phase, _, _ in reports} == {
        "finding cells",
        "sorting rows",
        "moving rows",
        "making tiles",
        "noting leaves",
    }
    assert all(0 <= done <= rows == 3000 for _, done, rows in reports)
    _replace(made, ordered)
    numbers = _check_files(made, ordered, columns, valid)
    _check_unplaced(ordered, columns, valid, numbers)
    _check_index(made, columns, valid, numbers)


@pytest.mark.parametrize("name", [name for name in HARD if name != "every power of two"])
def test_skewed_rows(tmp_path: Path, name: str) -> None:
    columns = dict(zip("xy", HARD[name], strict=True))
    made = write(tmp_path, columns)
    ordered, _ = _built(made, Pair("x", "y", 0), 700)
    _replace(made, ordered)
    numbers = _check_files(made, ordered, columns, {})
    _check_index(made, columns, {}, numbers)


@pytest.mark.parametrize("rows", [0, 1, 200])
@pytest.mark.parametrize("most", [50, 1000])
def test_no_row_has_a_place(tmp_path: Path, rows: int, most: int) -> None:
    columns = {"x": np.full(rows, np.nan), "y": np.arange(rows), "v": np.arange(rows, dtype="i2")}
    made = write(tmp_path, columns)
    ordered, _ = _built(made, Pair("x", "y", 0), most)
    _replace(made, ordered)
    assert ordered.index is not None
    assert ordered.index.placed == 0
    numbers = _check_files(made, ordered, columns, {})
    assert numbers.tolist() == list(range(rows))
    index = LocalStore(made.root).open(made.grant()).index
    assert index is not None
    assert index.leaves().starts.tolist() == [*range(0, rows, LEAF), rows]
    assert len(index.pyramid().directory) == 0


def test_text_stays_as_it_is(tmp_path: Path) -> None:
    made = write(tmp_path, {"x": np.arange(100.0), "y": np.arange(100.0)})
    old = load(made.file("manifest.json").read_bytes())
    ordered, _ = _built(made, Pair("x", "y", 0), 1000)
    assert ordered.columns[-1] == old.columns[-1]
    assert ordered.index is not None
    assert ordered.index.zoned == ("x", "y")


def _columns(rows: int) -> tuple[Columns, Columns]:
    rng = np.random.default_rng(4)
    x = rng.normal(size=rows)
    x[[1, 5, 9, 13]] = np.nan, np.inf, -np.inf, 2.0**1000
    times = rng.integers(0, 10**15, rows)
    has_time = rng.random(rows) < 0.9
    columns = {
        "x": x,
        "t": np.where(has_time, times, 0),
        "f": rng.normal(size=rows).astype("f4"),
        "b": rng.integers(0, 200, rows).astype("u1"),
        "c": rng.integers(0, 5, rows).astype("i4"),
        "u": rng.integers(2**62, 2**63, rows).astype("u8"),
    }
    return columns, {"t": has_time, "b": rng.random(rows) < 0.5}


def _built(made: Made, pair: Pair, most: int, threads: int = 1) -> tuple[Manifest, list[tuple[str, int, int]]]:
    path = made.file("manifest.json")
    reports: list[tuple[str, int, int]] = []
    with Syncing() as syncing:
        manifest = load(path.read_bytes())
        build = IndexBuild(
            path.parent, manifest, pair, most, lambda *report: reports.append(report), syncing.finish, threads
        )
        return build.run(), reports


def _replace(made: Made, ordered: Manifest) -> None:
    """As at an import: files that the new manifest does not name are removed."""
    made.file("manifest.json").write_bytes(dump(ordered))
    named = {"manifest.json", *(file.file for file in ordered.files)}
    left = {path.name for path in made.file("").iterdir()}
    assert named <= left
    for name in left - named:
        made.file(name).unlink()


def _check_files(made: Made, ordered: Manifest, columns: Columns, valid: Columns) -> np.ndarray:
    """All columns hold the old rows in the order of the numbers, which this returns."""
    assert ordered.index is not None
    numbers = np.fromfile(made.file(ordered.index.files["numbers"].file), "<u4")
    np.testing.assert_array_equal(np.sort(numbers), np.arange(ordered.rows))
    blocks = list(LocalStore(made.root).open(made.grant()).blocks(list(columns), None))
    for name, values in columns.items():
        found = np.concatenate([values[:0], *(block.values[name] for block in blocks)])
        np.testing.assert_array_equal(found, values[numbers])
        assert all(block.values[name].dtype == values.dtype for block in blocks)
        if name in valid:
            np.testing.assert_array_equal(np.concatenate([block.valid[name] for block in blocks]), valid[name][numbers])
    return numbers


def _check_unplaced(ordered: Manifest, columns: Columns, valid: Columns, numbers: np.ndarray) -> None:
    """Rows without a place come last, in the order of the file."""
    has_place = np.isfinite(columns["x"]) & (columns["x"] < 2.0**1000) & valid["t"]
    assert ordered.index is not None
    placed = ordered.index.placed
    assert placed == np.count_nonzero(has_place) < ordered.rows
    np.testing.assert_array_equal(numbers[placed:], np.flatnonzero(~has_place))


def _check_index(made: Made, columns: Columns, valid: Columns, numbers: np.ndarray) -> None:
    """Leaves and tiles of the opened version agree with the rows."""
    version = LocalStore(made.root).open(made.grant())
    assert version.index is not None
    leaves, pyramid = version.index.leaves(), version.index.pyramid()
    x, y = (columns[name][numbers].astype(float) for name in (version.index.x, version.index.y))
    assert leaves.starts[0] == 0
    assert leaves.starts[-1] == len(numbers)
    assert (leaves.rows > 0).all()
    for leaf in range(leaves.count):
        part = slice(leaves.starts[leaf], leaves.starts[leaf + 1])
        points = np.unique(np.stack((x[part], y[part])), axis=1)
        assert leaves.rows[leaf] <= LEAF or points.shape[1] == 1
        if leaf < leaves.placed:
            for name, values in ((leaves.x, x), (leaves.y, y)):
                assert leaves.zones[name][0][leaf] == values[part].min()
                assert leaves.zones[name][1][leaf] == values[part].max()
    placed = int(leaves.starts[leaves.placed])
    for entry, place in zip(pyramid.directory, range(len(pyramid.directory)), strict=True):
        inside = np.ones(placed, np.bool_)
        for values, exponent, index in ((x, entry["ex"], entry["ix"]), (y, entry["ey"], entry["iy"])):
            low, high = np.ldexp(np.array([index, index + 1], float), int(exponent) + 8)
            inside &= (values[:placed] >= low) & (values[:placed] < high)
        [plane] = pyramid.planes_of(place)
        assert plane.cells.sum() == entry["rows"] == np.count_nonzero(inside) > LEAF
    assert len(pyramid.directory) > 0 or len(np.unique(np.stack((x[:placed], y[:placed])), axis=1).T) <= LEAF
