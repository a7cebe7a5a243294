"""A format is one file: found on the import path, read by the confined child, refused at start when it is broken."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from halftone_compute.ingest.jobs.attempt import JobAttempt
from halftone_compute.ingest.jobs.stop import StopFlag
from halftone_compute.ingest.registry import ending_of, format_of, known_formats
from halftone_compute.store.versions import LocalStore
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_servicekit.tokens import Grant
from ingest_rig import toy_format

if TYPE_CHECKING:
    from pathlib import Path

    from halftone_compute.ingest.jobs.client import JobsClient
    from halftone_compute.ingest.jobs.workspace import Workspace
    from ingest_rig.auth_server import AuthServer

FORMAT = 'from halftone_compute.ingest.format import Format\nFORMAT = Format("Toy", ("{ending}",), print)\n'


@pytest.fixture
def formats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of formats elsewhere on the import path of processes that are started."""
    folder = tmp_path / "elsewhere" / "halftone_compute" / "ingest" / "formats"
    folder.mkdir(parents=True)
    paths = [str(tmp_path / "elsewhere"), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))
    return folder


@pytest.mark.parametrize(("name", "ending"), [("a.b.CSV", "csv"), ("a.parquet", "parquet"), (".csv", ""), ("a", "")])
def test_a_name_ends_in_a_known_ending(name: str, ending: str) -> None:
    assert ending_of(name) == ending


def test_the_formats_of_this_service() -> None:
    found = {ending: known.title for ending, known in known_formats().items()}
    assert found.items() >= {"csv": "CSV", "parquet": "Parquet", "parquet.zip": "Parquet", "feather": "Arrow"}.items()
    with pytest.raises(HalftoneError) as caught:
        format_of("docx")
    assert caught.value.code == ErrorCode.UNSUPPORTED_TYPE
    assert caught.value.detail.startswith("Only Arrow, CSV")


def test_one_file_adds_a_format(
    formats: Path, client: JobsClient, auth: AuthServer, workspace: Workspace, tmp_path: Path
) -> None:
    shutil.copy(toy_format.__file__, formats / "toy.py")
    rows = [{"n": n, "x": n / 7, "name": f"label {n % 3}" if n % 5 else None} for n in range(1_000)]
    row = auth.add(workspace.root, "a.toy", json.dumps(rows).encode())
    job = client.claim(["ingest"]).job
    assert job is not None
    assert JobAttempt(client, job, workspace, StopFlag()).run() == "published"
    [body] = row.publications
    grant = Grant("someone", row.dataset_id, row.version_id, body["manifest"], frozenset("*"), "", "view", 4e9)
    version = LocalStore(workspace.root).open(grant)
    [block] = version.blocks(["n", "x", "name"], None)
    labels = [label for label, _ in version.columns["name"].categories]
    np.testing.assert_array_equal(block.values["n"], [each["n"] for each in rows])
    np.testing.assert_array_equal(block.values["x"], [each["x"] for each in rows])
    assert [labels[code] for code in block.values["name"]] == [each["name"] for each in rows]
    assert [path.name for path in (tmp_path / "elsewhere").rglob("*.py")] == ["toy.py"]


@pytest.mark.parametrize(
    ("name", "source", "reason"),
    [
        ("toy.py", '"""Toy."""\n' + FORMAT.format(ending="csv"), "repeats the ending 'csv'"),
        ("csv.py", '"""Toy."""\n' + FORMAT.format(ending="toy"), "the format 'csv' lies in"),
        ("toy.py", FORMAT.format(ending="toy"), "has no docstring"),
        ("toy.py", '"""Toy."""\n', "defines no FORMAT with a title and endings"),
    ],
)
def test_a_worker_does_not_start_with_a_broken_format(formats: Path, name: str, source: str, reason: str) -> None:
    (formats / name).write_text(source)
    command = [sys.executable, "-m", "halftone_compute.ingest"]
    environment = {**os.environ, "HALFTONE_HOME": str(formats), "HALFTONE_WORKER_METRICS_PORT": "0"}
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert reason in done.stderr.splitlines()[-1]
