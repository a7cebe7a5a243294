"""Ordering the files of a version: whole after a kill at any step, refused clearly on a full disk, small in memory."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from compute_rig.stored import write
from halftone_compute.ingest.sandbox.messages import OrderRequest, Progress
from halftone_compute.ingest.sandbox.order import ROW_BYTES, most_rows, order
from halftone_compute.ingest.sandbox.parent import order_in_child
from halftone_compute.store.index import LEAF_ROWS
from halftone_compute.store.manifest import load
from halftone_compute.store.sample import LEAST_ROWS, SAMPLE_ROWS
from halftone_compute.store.versions import LocalStore
from halftone_servicekit.errors import HalftoneError
from ingest_rig.full_disk import full_disk
from ingest_rig.limits import LIMITS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from compute_rig.stored import Made

ROWS = 200_000
PHASES = ("finding cells", "sorting rows", "moving rows", "making tiles", "noting leaves")
# One or more of each phase.
FILES = (
    "index.parts",
    "index.order",
    "s0001.values",
    "index.moved",
    "index.tiles",
    "index.zones",
    "manifest.json.new",
)
RNG = np.random.default_rng(4)
# Rows on both sides of zero on one axis, enough for tiles on each.
COLUMNS = {"x": RNG.normal(size=ROWS), "y": RNG.random(ROWS), "v": RNG.integers(0, 99, ROWS)}


# Bytes for the sort: it takes no fewer.
SMALL_SORT = LEAF_ROWS * ROW_BYTES
# The least that the settings allow.
LEAST_MEMORY = 512 << 20
# The most that a child had resident so far, after each of the folders that are named.
PEAKS = """
import json, resource, sys
from pathlib import Path
from halftone_compute.ingest.sandbox.confine import ChildLimits
from halftone_compute.ingest.sandbox.messages import OrderRequest
from halftone_compute.ingest.sandbox.parent import order_in_child

peaks = []
for folder in sys.argv[2:]:
    request = OrderRequest(Path(folder), int(sys.argv[1]))
    order_in_child(request, ChildLimits(512 << 20, 600, 1 << 40), lambda _: None, lambda: None)
    peaks.append(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss << 10)
print(json.dumps(peaks))
"""


class KilledError(Exception):
    """The child was killed on purpose."""


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return write(tmp_path / "root", COLUMNS)


def request(made: Made) -> OrderRequest:
    return OrderRequest(made.file("manifest.json").parent, LIMITS.memory)


def names(made: Made) -> set[str]:
    return {path.name for path in made.file("manifest.json").parent.iterdir()}


def assert_ordered(made: Made, columns: Mapping[str, np.ndarray] = COLUMNS) -> None:
    """Every row is there, under its number, and the folder holds what the manifest names."""
    manifest = load(made.file("manifest.json").read_bytes())
    assert manifest.index is not None
    assert names(made) == {"manifest.json", *(file.file for file in manifest.files)}
    numbers = np.fromfile(made.file(manifest.index.files["numbers"].file), "<u4")
    version = LocalStore(made.root).open(made.grant())
    for name, values in columns.items():
        found = np.concatenate([block.values[name] for block in version.blocks([name], None)])
        np.testing.assert_array_equal(found, values[numbers])


def test_a_version_is_ordered_once(made: Made) -> None:
    reported: list[Progress] = []
    order(request(made), reported.append)
    assert_ordered(made)
    assert list(dict.fromkeys(progress.phase for progress in reported)) == list(PHASES)
    assert all(progress.rows <= (progress.rows_total or 0) == ROWS for progress in reported)
    assert [max(each.rows for each in reported if each.phase == phase) for phase in PHASES[:4]] == [ROWS] * 4
    again: list[Progress] = []
    order(request(made), again.append)
    assert again == []


@pytest.mark.parametrize("phase", PHASES)
def test_a_child_killed_in_any_phase_leaves_a_version_that_can_be_ordered(made: Made, phase: str) -> None:
    before = set(names(made))
    seen: set[str] = set()

    def check() -> None:
        if phase in seen:
            raise KilledError

    with pytest.raises(KilledError):
        order_in_child(request(made), LIMITS, lambda progress: seen.add(progress.phase), check)
    # The last phases are short: the kill may come when all is done.
    is_done = load(made.file("manifest.json").read_bytes()).index is not None
    assert is_done or before <= names(made)
    assert load(made.file("manifest.json").read_bytes()).index is None
    order(request(made), lambda _: None)
    assert_ordered(made)


@pytest.mark.parametrize("file", FILES)
def test_a_disk_that_gets_full_is_named_and_the_version_can_be_ordered_later(
    made: Made, tmp_path: Path, file: str
) -> None:
    before = made.file("manifest.json").read_bytes()
    with full_disk(tmp_path, file), pytest.raises(HalftoneError, match="no_space"):
        order_in_child(request(made), LIMITS, lambda _: None, lambda: None)
    assert made.file("manifest.json").read_bytes() == before
    order(request(made), lambda _: None)
    assert_ordered(made)


def test_killed_between_the_manifest_and_the_old_files_it_is_ordered(made: Made, tmp_path: Path) -> None:
    old = shutil.copytree(made.file("manifest.json").parent, tmp_path / "old")
    order(request(made), lambda _: None)
    for path in old.iterdir():
        if path.name != "manifest.json":
            shutil.copy(path, made.file(path.name))
    order(request(made), lambda _: None)
    assert_ordered(made)


def test_many_rows_get_a_sample_after_their_order_and_once(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("halftone_compute.ingest.sandbox.order.LEAST_ROWS", ROWS - 1)
    monkeypatch.setattr("halftone_compute.ingest.sandbox.order.SAMPLE_ROWS", 5_000)

    def killed(progress: Progress) -> None:
        if progress.phase == "drawing a sample":
            raise KilledError

    with pytest.raises(KilledError):
        order(request(made), killed)
    indexed = load(made.file("manifest.json").read_bytes())
    assert indexed.index is not None
    assert indexed.sample is None
    reported: list[Progress] = []
    order(request(made), reported.append)
    # Nothing was ordered again.
    assert {progress.phase for progress in reported} == {"drawing a sample"}
    assert_ordered(made)
    manifest = load(made.file("manifest.json").read_bytes())
    assert manifest.sample is not None
    assert manifest.sample.rows == 5_000
    assert replace(manifest, sample=None) == indexed
    again: list[Progress] = []
    order(request(made), again.append)
    assert again == []


@pytest.fixture
def wide(tmp_path: Path) -> Made:
    """More rows than need no sample, of one axis: nothing is ordered."""
    return write(tmp_path / "wide", {"x": np.arange(LEAST_ROWS + 1, dtype=np.float32)})


def assert_sampled(made: Made) -> None:
    manifest = load(made.file("manifest.json").read_bytes())
    assert manifest.sample is not None
    assert manifest.sample.rows == SAMPLE_ROWS
    assert names(made) == {"manifest.json", *(file.file for file in manifest.files)}
    numbers = np.fromfile(made.file(manifest.sample.numbers.file), "<u4")
    found = np.fromfile(made.file(manifest.sample.columns["x"]["values"].file), np.float32)
    np.testing.assert_array_equal(found, numbers.astype(np.float32))


def test_a_child_killed_while_it_draws_a_sample_leaves_a_version_that_can_get_one(wide: Made) -> None:
    before = wide.file("manifest.json").read_bytes()
    seen: set[str] = set()

    def check() -> None:
        if seen:
            raise KilledError

    with pytest.raises(KilledError):
        order_in_child(request(wide), LIMITS, lambda progress: seen.add(progress.phase), check)
    assert seen == {"drawing a sample"}
    assert wide.file("manifest.json").read_bytes() == before
    order(request(wide), lambda _: None)
    assert_sampled(wide)


@pytest.mark.parametrize("file", ["sample0000.values", "sample.numbers"])
def test_a_disk_that_gets_full_of_the_sample_is_named(wide: Made, tmp_path: Path, file: str) -> None:
    before = wide.file("manifest.json").read_bytes()
    with full_disk(tmp_path, file), pytest.raises(HalftoneError, match="no_space"):
        order_in_child(request(wide), LIMITS, lambda _: None, lambda: None)
    assert wide.file("manifest.json").read_bytes() == before
    order(request(wide), lambda _: None)
    assert_sampled(wide)


def test_as_many_rows_as_need_no_sample_get_none(tmp_path: Path) -> None:
    made = write(tmp_path, {"x": np.zeros(LEAST_ROWS, np.int8)})
    before = names(made)
    order(request(made), lambda _: None)
    assert names(made) == before


def test_few_rows_and_one_axis_stay_as_they_are(tmp_path: Path) -> None:
    for place, columns in enumerate(({"x": np.arange(100.0), "y": np.arange(100.0)}, {"x": RNG.random(ROWS)})):
        made = write(tmp_path / str(place), columns)
        before = names(made)
        order(request(made), lambda _: None)
        assert names(made) == before


def test_a_table_of_twenty_times_the_memory_of_the_sort_takes_little_more(tmp_path: Path) -> None:
    tables = [
        {name: RNG.random(rows) for name in ("x", "y", *"abcdef")}
        for rows in (LEAF_ROWS + 1, 20 * SMALL_SORT // (8 * 8))
    ]
    made = [write(tmp_path / str(place), columns) for place, columns in enumerate(tables)]
    command = [sys.executable, "-c", PEAKS, "0", *(str(request(each).folder) for each in made)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    small, large = json.loads(done.stdout)
    assert large - small < 20 * SMALL_SORT / 3
    assert_ordered(made[1], {name: tables[1][name] for name in "xy"})


@pytest.mark.parametrize("spread", ["even", "crowded"])
def test_the_least_setting_is_enough_for_parts_of_the_size_that_it_gives(tmp_path: Path, spread: str) -> None:
    rows = 2 * most_rows(LEAST_MEMORY - (256 << 20), 2)
    x, y = RNG.random(rows), RNG.random(rows)
    if spread == "crowded":
        # Crowds in crowds, of which many keys are equal.
        x[rows // 3 :] *= 1e-12
        x[rows // 2 :] *= 1e-12
    columns = {"x": x, "y": np.round(y, 3)}
    made = write(tmp_path, columns)
    limits = replace(LIMITS, memory=LEAST_MEMORY)
    order_in_child(OrderRequest(request(made).folder, LEAST_MEMORY), limits, lambda _: None, lambda: None)
    assert_ordered(made, columns)


def test_rows_in_memory_follow_from_the_limit() -> None:
    assert most_rows(256 << 20, 2) < most_rows(512 << 20, 2) < most_rows(4 << 30, 2)
    assert most_rows(512 << 20, 4) < most_rows(512 << 20, 2)
    assert most_rows(0, 2) > 0
