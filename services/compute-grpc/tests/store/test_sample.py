"""A sample is read as a version of its own: its columns, row numbers, grants, and damage."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from compute_rig.stored import Made, write
from halftone_compute.index.sample import SampleBuild
from halftone_compute.store.base import ROW_NUMBER
from halftone_compute.store.index.sample_entry import SampleEntry
from halftone_compute.store.manifest import dump, load
from halftone_compute.store.sample import sampled
from halftone_compute.store.versions import LocalStore
from halftone_servicekit.errors import ErrorCode, HalftoneError

if TYPE_CHECKING:
    from pathlib import Path

ROWS, SAMPLE = 4_000, 500
RNG = np.random.default_rng(5)
COLUMNS: dict[str, np.ndarray] = {
    "x": RNG.random(ROWS),
    "v": RNG.integers(0, 99, ROWS),
    "k": RNG.integers(0, 3, ROWS).astype(np.int32),
}
VALID = {"v": RNG.random(ROWS) < 0.5}


@pytest.fixture
def made(tmp_path: Path) -> Made:
    made = write(tmp_path, COLUMNS, VALID, {"k": 3})
    manifest = load(made.file("manifest.json").read_bytes())
    entry = SampleBuild(made.file(""), manifest, SAMPLE, lambda *_: None).run()
    made.file("manifest.json").write_bytes(dump(replace(manifest, sample=entry)))
    return made


def test_a_sample_is_a_version_of_the_same_columns(made: Made) -> None:
    version = LocalStore(made.root).open(made.grant())
    sample = version.sample
    assert sample is not None
    assert (sample.rows, sample.index, sample.sample) == (SAMPLE, None, None)
    assert sample.version_id != version.version_id
    assert {name: info for name, info in version.columns.items() if name != "note"} == sample.columns
    [block] = sample.blocks([*COLUMNS, ROW_NUMBER], None)
    numbers = block.values[ROW_NUMBER]
    for name, values in COLUMNS.items():
        np.testing.assert_array_equal(block.values[name], values[numbers])
    np.testing.assert_array_equal(block.valid["v"], VALID["v"][numbers])
    assert block.version == sample.version_id


def test_a_grant_narrows_the_sample_too(made: Made) -> None:
    sample = LocalStore(made.root).open(made.grant("x")).sample
    assert sample is not None
    assert set(sample.columns) == {"x"}
    with pytest.raises(HalftoneError) as caught:
        sample.blocks(["v"], None)
    assert caught.value.code == ErrorCode.UNKNOWN_COLUMN


def test_a_version_without_a_sample_opens_as_before(tmp_path: Path) -> None:
    made = write(tmp_path, COLUMNS)
    assert LocalStore(made.root).open(made.grant()).sample is None


def test_a_manifest_keeps_its_sample(made: Made) -> None:
    manifest = load(made.file("manifest.json").read_bytes())
    assert manifest.sample is not None
    assert load(dump(manifest)) == manifest
    files = {file.file for file in manifest.files}
    assert {name for name in files if name.startswith("sample")} == {
        "sample.numbers",
        "sample0000.values",
        "sample0001.valid",
        "sample0001.values",
        "sample0002.values",
    }


@pytest.mark.parametrize("columns", [{}, {"x": ["values", "valid"]}, {"x": ["values"], "more": ["values"]}])
def test_a_sample_of_other_columns_is_damage(made: Made, columns: dict[str, list[str]]) -> None:
    manifest = load(made.file("manifest.json").read_bytes())
    assert manifest.sample is not None
    file = manifest.sample.columns["x"]["values"]
    others = {name: {role: replace(file, file=f"{name}.{role}") for role in roles} for name, roles in columns.items()}
    raw = dump(replace(manifest, sample=SampleEntry(SAMPLE, manifest.sample.numbers, others)))
    with pytest.raises(HalftoneError) as caught:
        load(raw)
    assert caught.value.code == ErrorCode.DATA_CORRUPT


@pytest.mark.parametrize("file", ["sample0000.values", "sample0001.valid", "sample.numbers"])
@pytest.mark.parametrize("damage", ["flipped", "truncated", "missing"])
def test_damage_is_found(made: Made, file: str, damage: str) -> None:
    data = bytearray(made.file(file).read_bytes())
    data[len(data) // 2] ^= 1
    if damage == "missing":
        made.file(file).unlink()
    else:
        made.file(file).write_bytes(data if damage == "flipped" else data[:-1])
    assert _refusal(made) == ErrorCode.DATA_CORRUPT


def _refusal(made: Made) -> ErrorCode | None:
    """Why the sample can not be read."""
    try:
        sample = LocalStore(made.root).open(made.grant()).sample
        assert sample is not None
        list(sample.blocks(["x", "v", ROW_NUMBER], None))
    except HalftoneError as error:
        return error.code
    return None


def test_sizes_that_contradict_the_rows_are_damage(made: Made) -> None:
    manifest = load(made.file("manifest.json").read_bytes())
    assert manifest.sample is not None
    made.file("manifest.json").write_bytes(dump(replace(manifest, sample=replace(manifest.sample, rows=SAMPLE + 1))))
    with pytest.raises(HalftoneError) as caught:
        LocalStore(made.root).open(made.grant())
    assert caught.value.code == ErrorCode.DATA_CORRUPT


def test_a_file_that_goes_is_forgotten(made: Made) -> None:
    store = LocalStore(made.root)
    sample = store.open(made.grant()).sample
    assert sample is not None
    list(sample.blocks(["x", ROW_NUMBER], None))
    found = next(iter(store._open.values()))[1].sample
    assert found is not None
    for name in ("sample0000.values", "sample.numbers"):
        before = len(found._mapped)
        store.forget(made.file(name))
        assert len(found._mapped) == before - 1


def test_the_rest_of_a_manifest_stays(made: Made) -> None:
    manifest = load(made.file("manifest.json").read_bytes())
    assert manifest.sample is not None
    own = sampled(manifest, manifest.sample)
    assert (own.dataset_id, own.content_hash, own.sample) == (manifest.dataset_id, manifest.content_hash, None)
