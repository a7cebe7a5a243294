"""The process touches its file while it waits for messages, and while there is no broker to wait at."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from ingest_rig.auth_server import SERVICE_TOKEN, AuthServer
from ingest_rig.waiting import until

if TYPE_CHECKING:
    from pathlib import Path


# Nobody listens on the first port.
@pytest.mark.parametrize("broker", ["filesystem://", "redis://127.0.0.1:1/0"])
def test_the_loop_touches_its_file_again_and_again(auth: AuthServer, tmp_path: Path, broker: str) -> None:
    file = tmp_path / "heartbeat"
    environment = {
        **os.environ,
        "HALFTONE_HOME": str(tmp_path),
        "HALFTONE_AUTH_URL": auth.url,
        "HALFTONE_SERVICE_TOKEN": SERVICE_TOKEN,
        "HALFTONE_WORKER_METRICS_PORT": "0",
        "HALFTONE_BROKER_URL": broker,
        "HALFTONE_HEARTBEAT_FILE": str(file),
    }
    with (tmp_path / "log").open("wb") as log:
        command = [sys.executable, "-m", "halftone_compute.ingest"]
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            until(file.exists)
            first = file.stat().st_mtime_ns
            until(lambda: file.stat().st_mtime_ns > first)
            assert process.poll() is None
        finally:
            process.kill()
            process.wait()
