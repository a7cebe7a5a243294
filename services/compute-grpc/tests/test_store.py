"""What pictures read of a version: files that they touch alone, and never a flipped byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from compute_rig.imported import asked, drawn, imported
from halftone.v1 import frame_pb2
from halftone_compute.store.manifest import load
from halftone_compute.store.open import cached_store
from halftone_compute.store.remote.cache import FileCache
from halftone_compute.store.versions import LocalStore
from halftone_servicekit.errors import ErrorCode, HalftoneError

if TYPE_CHECKING:
    from pathlib import Path

    from compute_rig.stored import Made
    from halftone.v1 import compute_pb2
    from halftone_servicekit.storage import Storage

ROWS = 70_000
EXTENT = frame_pb2.Extent(x0=0, x1=1, y0=0, y1=1)
TILES = frame_pb2.Viewport(extent=EXTENT, width=256, height=256)
EXACT = frame_pb2.Viewport(extent=EXTENT, width=80, height=60, exact_viewport=True)
FEW = frame_pb2.Viewport(extent=frame_pb2.Extent(x0=0.4, x1=0.5, y0=0.4, y1=0.5), width=800, height=600)
AXES = {"x": "x", "y": "y"}
ASKS: dict[str, compute_pb2.DrawRequest] = {
    "stored tiles": asked("points", TILES, AXES),
    "tiles of few rows": asked("points", FEW, AXES),
    "a sum": asked("points", EXACT, {**AXES, "reduction": "sum", "value": "v"}),
    "the first": asked("points", EXACT, {**AXES, "reduction": "first", "value": "v"}),
    "by category": asked("points", EXACT, {**AXES, "category": "k"}),
    "a histogram": asked("histogram", EXACT, {"x": "w"}),
}
# Read by no picture: texts are not drawn, and labels are said by auth.
UNREAD = {"labels", "text values", "text offsets"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    rng = np.random.default_rng(8)
    v: list[int | None] = rng.integers(0, 99, ROWS).tolist()
    v[5] = None
    table = {
        "x": rng.random(ROWS, np.float32),
        "y": rng.random(ROWS),
        "v": v,
        "k": rng.choice(["a", "b", "c"], ROWS),
        "w": rng.integers(0, 1000, ROWS, np.int16),
        "note": [f"note {place}" * (1 + place % 3) for place in range(ROWS)],
    }
    return imported(tmp_path_factory.mktemp("damaged"), table)


def roles(made: Made) -> dict[str, str]:
    """Every file that the manifest names, by what it is."""
    manifest = load(made.file("manifest.json").read_bytes())
    assert manifest.index is not None
    found = {role: file.file for role, file in manifest.index.files.items()}
    for column in manifest.columns:
        for role, file in column.files.items():
            sort = "text " if column.storage == "utf8" else "" if role == "labels" else f"{column.info.name} "
            found[f"{sort}{role}"] = file.file
    assert sorted(found.values()) == sorted(file.file for file in manifest.files)
    return found


def pictures(made: Made, store: LocalStore) -> dict[str, list[np.ndarray] | ErrorCode]:
    found: dict[str, list[np.ndarray] | ErrorCode] = {}
    for name, ask in ASKS.items():
        try:
            found[name] = drawn(store, made, ask)
        except HalftoneError as error:
            found[name] = error.code
    return found


def flip(made: Made, file: str, place: float) -> None:
    path = made.file(file)
    data = bytearray(path.read_bytes())
    data[int(place * (len(data) - 1))] ^= 0x10
    path.write_bytes(data)


@pytest.fixture(scope="module")
def whole(made: Made) -> dict[str, list[np.ndarray] | ErrorCode]:
    return pictures(made, LocalStore(made.root))


def refused(made: Made, store: LocalStore, whole: dict[str, list[np.ndarray] | ErrorCode]) -> set[str]:
    """The pictures that are refused; the others are whole."""
    found = pictures(made, store)
    bad = {name for name, picture in found.items() if picture is ErrorCode.DATA_CORRUPT}
    for name in found.keys() - bad:
        assert isinstance(found[name], list)
        for cells, expected in zip(found[name], whole[name], strict=True):
            np.testing.assert_array_equal(cells, expected)
    return bad


def test_every_picture_is_there_and_one_is_stored(made: Made, whole: dict[str, list[np.ndarray] | ErrorCode]) -> None:
    assert not [name for name, picture in whole.items() if not isinstance(picture, list) or not picture]
    index = LocalStore(made.root).open(made.grant()).index
    assert index is not None
    pyramid = index.pyramid()
    stored = [pyramid.planes_of(place)[0].cells for place in range(len(pyramid.directory))]
    assert any(np.array_equal(tile, cells) for tile in stored for cells in whole["stored tiles"])


@pytest.mark.parametrize("place", [0.0, 0.5, 1.0])
def test_a_flipped_byte_in_any_file_is_refused(
    made: Made, whole: dict[str, list[np.ndarray] | ErrorCode], place: float
) -> None:
    by_role = {}
    for role, file in roles(made).items():
        flip(made, file, place)
        by_role[role] = refused(made, LocalStore(made.root), whole)
        flip(made, file, place)
    assert {role for role, bad in by_role.items() if not bad} == UNREAD
    assert by_role["numbers"] == {"the first"}
    assert by_role["starts"] == by_role["zones"] == set(ASKS)
    assert by_role["tiles"] == by_role["directory"] == {"stored tiles", "tiles of few rows"}


def test_a_byte_that_flips_while_the_version_is_open_is_refused_until_it_is_right_again(
    made: Made, whole: dict[str, list[np.ndarray] | ErrorCode]
) -> None:
    store = LocalStore(made.root)
    for role, file in roles(made).items():
        assert refused(made, store, whole) == set()
        flip(made, file, 0.3)
        assert bool(refused(made, store, whole)) == (role not in UNREAD)
        flip(made, file, 0.3)


# What each picture fetches, by the role of a file.
NEAR = {"starts", "zones"}
FETCHED = {
    "stored tiles": {*NEAR, "tiles", "directory"},
    "tiles of few rows": {*NEAR, "tiles", "directory", "x values", "y values"},
    "a sum": {*NEAR, "x values", "y values", "v values", "v valid"},
    "the first": {*NEAR, "x values", "y values", "v values", "v valid", "numbers"},
    "by category": {*NEAR, "x values", "y values", "k values"},
    "a histogram": {*NEAR, "w values"},
}


@pytest.mark.parametrize("name", ASKS)
def test_a_picture_fetches_the_files_that_it_touches_and_no_other(
    made: Made, bucket: Storage, tmp_path: Path, name: str
) -> None:
    for path in made.file("").iterdir():
        bucket.put(path, str(path.relative_to(made.root)))
    store = cached_store(FileCache(bucket, tmp_path, 1 << 30))
    drawn(store, made, ASKS[name])
    by_file = {file: role for role, file in roles(made).items()}
    assert {by_file[path.name] for path in tmp_path.rglob("*") if path.is_file()} == FETCHED[name]
