"""What a confined process can not do any more."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

PROBE = """
import json, os, resource, socket, sys
from halftone_compute.ingest.sandbox.confine import ChildLimits, confine
is_cut_off = confine(ChildLimits(2 << 30, 100, 1 << 20), os.getppid())
def fails(call):
    try:
        call()
    except (OSError, MemoryError) as error:
        return type(error).__name__
    return ""
def write():
    with open(sys.argv[1], "wb", buffering=0) as file:
        while True:
            file.write(bytes(1 << 16))
print(json.dumps({
    "cut_off": is_cut_off,
    "connect": fails(lambda: socket.create_connection(("127.0.0.1", int(sys.argv[2])), 2)),
    "memory": fails(lambda: bytearray(3 << 30)),
    "write": fails(write),
    "core": resource.getrlimit(resource.RLIMIT_CORE),
}))
"""


def test_a_confined_process_has_no_network_and_bounded_memory_and_files(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        done = subprocess.run(
            [sys.executable, "-c", PROBE, str(tmp_path / "out"), str(server.getsockname()[1])],
            check=True,
            capture_output=True,
        )
    seen = json.loads(done.stdout)
    assert seen["memory"] == "MemoryError"
    assert seen["write"] == "OSError"
    assert seen["core"] == [0, 0]
    if not seen["cut_off"]:
        pytest.skip("the kernel gives no network namespace here (no root, no user namespaces): NETWORK NOT CHECKED")
    assert seen["connect"] == "OSError"


def test_without_its_worker_it_does_not_even_start() -> None:
    program = (
        "from halftone_compute.ingest.sandbox.confine import *; confine(ChildLimits(2 << 30, 100, 1 << 20), 1 << 30)"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True)
    assert (done.returncode, done.stderr) == (1, b"the worker is gone\n")
