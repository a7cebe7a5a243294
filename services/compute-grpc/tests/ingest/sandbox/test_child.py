"""What the reading process says on its channel, whatever it is given."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pytest
from halftone_compute.ingest.sandbox.messages import PreviewRequest
from halftone_compute.ingest.sandbox.parent import preview_in_child
from ingest_rig.limits import LIMITS
from ingest_rig.samples import parquet

if TYPE_CHECKING:
    from pathlib import Path


def _said(root: Path, data: bytes, **changes: object) -> list[dict[str, Any]]:
    (root / "source").write_bytes(data)
    (root / "version").mkdir()
    request = {
        "source": str(root / "source"),
        "format": "parquet",
        "folder": str(root / "version"),
        "dataset_id": "d",
        "version_id": "v",
        "max_bytes": 1 << 30,
        "task": "convert",
        "limits": asdict(LIMITS),
        "parent": os.getpid(),
        **changes,
    }
    reader, writer = os.pipe()
    command = [sys.executable, "-m", "halftone_compute.ingest.sandbox.child", str(writer)]
    subprocess.run(
        command, input=json.dumps(request).encode(), pass_fds=[writer], check=True, stderr=subprocess.DEVNULL
    )
    os.close(writer)
    with os.fdopen(reader) as channel:
        return [json.loads(line) for line in channel]


def test_progress_then_done(tmp_path: Path) -> None:
    said = _said(tmp_path, parquet({"a": [1, 2]}))
    assert "network" in said[0]
    assert said[1]["progress"]["phase"] == "reading"
    assert said[-1] == {"done": {}}
    assert (tmp_path / "version" / "manifest.json").exists()


def test_a_bad_file_is_an_error_with_its_code(tmp_path: Path) -> None:
    error = _said(tmp_path, b"nothing like it")[-1]["error"]
    assert error == {"code": "type_mismatch", "detail": "This is not a Parquet file.", "field": ""}


@pytest.mark.parametrize(("folder", "code"), [("/dev/full/version", "internal"), ("/proc/nowhere", "internal")])
def test_an_error_of_the_system_is_no_crash(tmp_path: Path, folder: str, code: str) -> None:
    assert _said(tmp_path, parquet({"a": [1]}), folder=folder)[-1]["error"]["code"] == code


def test_a_file_over_its_size_is_too_large(tmp_path: Path) -> None:
    limits = {**asdict(LIMITS), "file_bytes": 100_000}
    said = _said(tmp_path, parquet({"a": list(range(100_000))}), limits=limits)
    assert said[-1]["error"]["code"] == "too_large_uncompressed"


def test_a_preview_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(parquet({"a": [1, 2]}))
    (tmp_path / "made").mkdir()
    request = PreviewRequest(tmp_path / "source", "parquet", tmp_path / "made", 1 << 30)
    made = preview_in_child(request, LIMITS, lambda _: None, lambda: None)
    assert (made["sampled_rows"], made["whole"]) == (2, True)
