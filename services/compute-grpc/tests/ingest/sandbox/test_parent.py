"""The child that reads an untrusted file: confined, killable, and never fatal to the worker."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from halftone_compute.ingest.jobs.stop import StopFlag, StoppedError, StopReason
from halftone_compute.ingest.sandbox import parent
from halftone_compute.ingest.sandbox.messages import ConvertRequest, Progress
from halftone_compute.ingest.sandbox.parent import convert_in_child
from halftone_servicekit.errors import ErrorCode, HalftoneError
from ingest_rig.limits import LIMITS
from ingest_rig.processes import environment, is_alive, reading_child, reading_children
from ingest_rig.samples import TWO_COLUMNS, parquet, slow_csv
from ingest_rig.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from halftone_compute.ingest.sandbox.confine import ChildLimits


def _request(root: Path, data: bytes, kind: str) -> ConvertRequest:
    (root / "source").write_bytes(data)
    (root / "version").mkdir()
    return ConvertRequest(root / "source", kind, root / "version", "d", "v", 1 << 40)


def _run(request: ConvertRequest, limits: ChildLimits = LIMITS, stop: StopFlag | None = None) -> list[Progress]:
    reported: list[Progress] = []
    convert_in_child(request, limits, reported.append, (stop or StopFlag()).check)
    return reported


def _error(request: ConvertRequest, limits: ChildLimits = LIMITS) -> HalftoneError:
    with pytest.raises(HalftoneError) as caught:
        _run(request, limits)
    return caught.value


def _during(request: ConvertRequest, act: Callable[[], None], stop: StopFlag | None = None) -> BaseException | None:
    """Runs `act` while the child is held; what the conversion raised."""
    raised: list[BaseException] = []

    def convert() -> None:
        try:
            convert_in_child(request, LIMITS, lambda _: None, (stop or StopFlag()).check)
        except (HalftoneError, StoppedError) as error:
            raised.append(error)

    thread = threading.Thread(target=convert)
    thread.start()
    until(lambda: (request.folder / "c0000.values").exists())
    act()
    thread.join(60.0)
    assert not thread.is_alive()
    return raised[0] if raised else None


def test_a_file_becomes_a_version(tmp_path: Path) -> None:
    reported = _run(_request(tmp_path, parquet({"a": [1, 2, 3]}), "parquet"))
    assert list(dict.fromkeys(progress.phase for progress in reported)) == [
        "reading",
        "ranking categories",
        "checksums",
    ]
    assert {path.name for path in (tmp_path / "version").iterdir()} == {"c0000.values", "manifest.json"}


def test_what_the_child_finds_wrong_is_raised_here(tmp_path: Path) -> None:
    error = _error(_request(tmp_path, b"a,b\n1,2,3\n", "csv"))
    assert (error.code, error.detail) == (ErrorCode.RAGGED_ROW, "Line 2 has 3 cells, the header 2.")


# Most memory of a child so far, in KiB, after each of the files that are named.
_PEAKS = """
import resource, sys
from pathlib import Path
from halftone_compute.ingest.sandbox.confine import ChildLimits
from halftone_compute.ingest.sandbox.messages import ConvertRequest
from halftone_compute.ingest.sandbox.parent import convert_in_child

for name in sys.argv[1:]:
    folder = Path(name + ".version")
    folder.mkdir()
    request = ConvertRequest(Path(name), Path(name).suffix[1:], folder, "d", "v", 1 << 40)
    convert_in_child(request, ChildLimits(1 << 30, 600, 1 << 40), lambda _: None, lambda: None)
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    row = "{0},-73.{0},40.{0},{0}.25,kind {0}\n"
    part = "".join(row.format(1_000 + number % 5_000) for number in range(100_000))
    paths = [tmp_path / "small.csv", tmp_path / "large.csv"]
    for path, times in zip(paths, (10, 50), strict=True):
        path.write_text("id,lon,lat,fare,kind\n" + part * times)
    command = [sys.executable, "-c", _PEAKS, *map(str, paths)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    small, large = (int(peak) << 10 for peak in done.stdout.split())
    assert large - small < (paths[1].stat().st_size - paths[0].stat().st_size) / 3


def test_an_unpacked_file_over_the_memory_is_refused(tmp_path: Path) -> None:
    wide = parquet({"a": [str(n) * (4 << 20) for n in range(10, 34)]})
    limits = replace(LIMITS, memory=700 << 20)
    assert _error(_request(tmp_path, wide, "parquet"), limits).code == ErrorCode.TOO_LARGE_UNCOMPRESSED


def test_files_over_the_limit_are_refused(tmp_path: Path) -> None:
    request = _request(tmp_path, parquet({"a": np.arange(1_000_000)}), "parquet")
    assert _error(request, replace(LIMITS, file_bytes=1 << 20)).code == ErrorCode.TOO_LARGE_UNCOMPRESSED


def test_processor_time_is_bounded(tmp_path: Path) -> None:
    error = _error(_request(tmp_path, slow_csv(300_000), "csv"), replace(LIMITS, cpu_seconds=1))
    assert error.code == ErrorCode.PARSER_CRASH
    assert "processor time" in error.detail


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
def test_a_child_that_dies_is_a_parser_crash(held: None, tmp_path: Path, number: signal.Signals) -> None:
    request = _request(tmp_path, TWO_COLUMNS, "csv")

    def send() -> None:
        child = reading_child()
        os.kill(child, number)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGCONT)

    error = _during(request, send)
    assert isinstance(error, HalftoneError)
    assert error.code == ErrorCode.PARSER_CRASH


@pytest.mark.parametrize("reason", list(StopReason))
def test_stopping_kills_a_child_that_would_never_end(held: None, tmp_path: Path, reason: StopReason) -> None:
    stop = StopFlag()
    error = _during(_request(tmp_path, TWO_COLUMNS, "csv"), lambda: stop.set(reason), stop)
    assert isinstance(error, StoppedError)
    assert error.reason is reason
    assert reading_children() == []


def test_the_child_dies_with_the_worker(held: None, tmp_path: Path) -> None:
    request = _request(tmp_path, TWO_COLUMNS, "csv")
    program = (
        "import sys, json, pathlib; from halftone_compute.ingest.sandbox.parent import *; "
        "from halftone_compute.ingest.sandbox.confine import ChildLimits; "
        "from halftone_compute.ingest.sandbox.messages import ConvertRequest; "
        "a = json.loads(sys.argv[1]); "
        "request = ConvertRequest(pathlib.Path(a[0]), 'csv', pathlib.Path(a[1]), 'd', 'v', 1 << 40);"
        "convert_in_child(request, ChildLimits(4 << 30, 600, 8 << 30), lambda _: None, lambda: None)"
    )
    paths = json.dumps([str(request.source), str(request.folder)])
    with subprocess.Popen([sys.executable, "-c", program, paths]) as worker:
        until(lambda: (request.folder / "c0000.values").exists())
        child = reading_child(worker.pid)
        worker.kill()
    until(lambda: not is_alive(child))


def test_the_child_knows_none_of_the_workers_secrets(
    held: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HALFTONE_SERVICE_TOKEN", "very secret")
    seen: list[str] = []

    def look() -> None:
        child = reading_child()
        seen.extend(environment(child))
        os.kill(child, signal.SIGKILL)

    _during(_request(tmp_path, TWO_COLUMNS, "csv"), look)
    assert "PATH" in seen
    assert not [name for name in seen if name.startswith("HALFTONE_")]


def test_a_child_that_talks_nonsense_is_a_parser_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "nonsense.py").write_text("import os, sys; os.write(int(sys.argv[1]), b'{' + bytes(3 << 20))")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(parent, "_MODULE", "nonsense")
    assert _error(_request(tmp_path, b"", "csv")).code == ErrorCode.PARSER_CRASH
    (tmp_path / "nonsense.py").write_text("import os, sys; os.write(int(sys.argv[1]), b'[1]\\n')")
    (tmp_path / "version").rmdir()
    assert _error(_request(tmp_path, b"", "csv")).code == ErrorCode.PARSER_CRASH
    assert os.listdir(tmp_path / "version") == []
