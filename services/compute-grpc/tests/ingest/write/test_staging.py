"""Attempts at a version: one becomes it whole, the others leave nothing."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from halftone_compute.ingest.jobs.stop import StopFlag, StoppedError, StopReason
from halftone_compute.ingest.sandbox.convert import convert
from halftone_compute.ingest.sandbox.messages import ConvertRequest
from halftone_compute.ingest.write.staging import Staging
from halftone_compute.store.manifest import dump, load
from halftone_servicekit.errors import ErrorCode, HalftoneError

if TYPE_CHECKING:
    from pathlib import Path

DATASET, VERSION = str(uuid4()), str(uuid4())


def _staging(root: Path, token: int = 1) -> Staging:
    return Staging(root, DATASET, VERSION, token)


def _filled(root: Path, token: int = 1) -> Staging:
    staging = _staging(root, token)
    staging.create()
    shutil.rmtree(staging.folder)
    staging.folder.mkdir()
    (root / "source").write_bytes(b"a,b\n1,x\n2,y\n")
    convert(ConvertRequest(root / "source", "csv", staging.folder, DATASET, VERSION, 1 << 40), lambda _: None)
    return staging


def test_a_finished_attempt_is_a_version(tmp_path: Path) -> None:
    finished = _filled(tmp_path, 7).finish()
    assert finished.path == f"datasets/{DATASET}/versions/{VERSION}/7/manifest.json"
    assert finished.sha256 == hashlib.sha256((tmp_path / finished.path).read_bytes()).hexdigest()
    assert finished.manifest.rows == 2
    assert [path.name for path in (tmp_path / finished.path).parents[1].iterdir()] == ["7"]


def test_all_of_a_version_is_on_disk_before_it_gets_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr("os.fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_ino))
    staging = _filled(tmp_path)
    rename = os.rename

    def renamed(old: Path, new: Path) -> None:
        assert {path.stat().st_ino for path in (*old.iterdir(), old)} <= set(synced)
        rename(old, new)

    monkeypatch.setattr("os.rename", renamed)
    finished = staging.finish()
    assert (tmp_path / finished.path).parent.stat().st_ino in synced


def test_a_new_attempt_removes_what_others_left(tmp_path: Path) -> None:
    first, second = _filled(tmp_path, 1), _filled(tmp_path, 2)
    for attempt, name in ((first, "manifest.json"), (second, "c0000.values")):
        attempt.folder.mkdir(exist_ok=True)
        (attempt.folder / name).unlink(missing_ok=True)
    third = _staging(tmp_path, 3)
    assert not third.create()
    assert [path.name for path in third.folder.parent.iterdir()] == ["3.partial"]
    assert list(third.folder.iterdir()) == []


@pytest.mark.parametrize("is_finished", [False, True])
def test_a_new_attempt_takes_over_a_file_that_was_converted(tmp_path: Path, is_finished: bool) -> None:
    second = _filled(tmp_path, 2)
    (second.folder / "s0000.values").write_bytes(b"half")
    if is_finished:
        (second.folder / "s0000.values").unlink()
        second.finish()
    third = _staging(tmp_path, 3)
    assert third.create()
    assert [path.name for path in third.folder.parent.iterdir()] == ["3.partial"]
    assert load((third.folder / "manifest.json").read_bytes()).rows == 2


@pytest.mark.parametrize("damage", ["flipped", "shorter"])
def test_files_that_were_damaged_meanwhile_are_not_taken_over(tmp_path: Path, damage: str) -> None:
    second = _filled(tmp_path, 2)
    path = next(path for path in second.folder.iterdir() if path.suffix == ".values")
    data = path.read_bytes()
    path.write_bytes(data[:-1] + (bytes([data[-1] ^ 1]) if damage == "flipped" else b""))
    third = _staging(tmp_path, 3)
    assert not third.create()
    assert list(third.folder.iterdir()) == []


def test_a_job_that_ends_meanwhile_takes_nothing_over(tmp_path: Path) -> None:
    second, stop = _filled(tmp_path, 2), StopFlag()
    stop.set(StopReason.CANCELLED)
    with pytest.raises(StoppedError):
        _staging(tmp_path, 3).create(stop.check)
    assert second.folder.exists()


def test_files_of_another_version_are_not_taken_over(tmp_path: Path) -> None:
    second = _filled(tmp_path, 2)
    manifest = replace(load((second.folder / "manifest.json").read_bytes()), version_id=str(uuid4()))
    (second.folder / "manifest.json").write_bytes(dump(manifest))
    assert not _staging(tmp_path, 3).create()


def test_an_attempt_that_comes_too_late_harms_no_later_one(tmp_path: Path) -> None:
    later = _filled(tmp_path, 2)
    _staging(tmp_path, 1).create()
    assert (tmp_path / later.finish().path).exists()


def test_an_attempt_whose_folder_was_taken_away_cannot_finish(tmp_path: Path) -> None:
    late = _filled(tmp_path, 1)
    _filled(tmp_path, 2)
    with pytest.raises(FileNotFoundError):
        late.finish()


@pytest.mark.parametrize("is_finished", [True, False])
def test_a_discarded_attempt_leaves_nothing(tmp_path: Path, is_finished: bool) -> None:
    staging = _filled(tmp_path)
    if is_finished:
        staging.finish()
    staging.discard()
    assert list(staging.folder.parent.iterdir()) == []
    staging.discard()


def test_discarding_leaves_other_attempts_alone(tmp_path: Path) -> None:
    late = _staging(tmp_path, 1)
    finished = _filled(tmp_path, 2).finish()
    late.discard()
    assert (tmp_path / finished.path).exists()


@pytest.mark.parametrize("damage", ["size", "missing", "extra", "link", "other", "garbage"])
def test_parts_that_do_not_fit_are_not_published(tmp_path: Path, damage: str) -> None:
    staging = _filled(tmp_path)
    values = staging.folder / "c0000.values"
    if damage == "size":
        os.truncate(values, 3)
    elif damage in ("missing", "link"):
        values.rename(tmp_path / "elsewhere")
    elif damage == "extra":
        (staging.folder / "more").touch()
    elif damage == "garbage":
        (staging.folder / "manifest.json").write_bytes(b"{}")
    if damage == "link":
        values.symlink_to(tmp_path / "elsewhere")
    wrong = Staging(tmp_path, DATASET, str(uuid4()), 1)
    if damage == "other":
        wrong.create()
        wrong.folder.rmdir()
        staging.folder.rename(wrong.folder)
    with pytest.raises(HalftoneError) as caught:
        (wrong if damage == "other" else staging).finish()
    assert caught.value.code in (ErrorCode.PARSER_CRASH, ErrorCode.DATA_CORRUPT)


@pytest.mark.parametrize("name", ["../../etc", "", "a/b"])
def test_only_uuids_name_folders(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="UUID"):
        Staging(tmp_path, name, VERSION, 1)
