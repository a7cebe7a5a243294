"""A worker touches its file while it waits for messages, and while its broker is unreachable."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

# Arguments: the broker's address, the heartbeat file, the file that `is_responsive` touches, and what it says.
WORKER = """
import sys
from pathlib import Path
from celery import Celery
from halftone_servicekit.heartbeat import Heartbeat
from halftone_servicekit.liveness import add_liveness

broker, file, asked, responsive = sys.argv[1:]

def is_responsive() -> bool:
    Path(asked).touch()
    return responsive == "yes"

app = Celery("worker", broker=broker, set_as_current=False, fixups=[])
app.conf.update(worker_pool="solo", broker_connection_retry_on_startup=True, broker_connection_max_retries=None)
add_liveness(app, Heartbeat(Path(file), every_s=0.1), is_responsive)
app.worker_main(["--quiet", "worker", "--without-gossip", "--without-mingle", "--without-heartbeat"])
"""


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def touched_again(file: Path) -> None:
    until(file.exists)
    first = file.stat().st_mtime_ns
    until(lambda: file.stat().st_mtime_ns > first)


# No server listens on the first port.
@pytest.mark.parametrize("broker", ["memory://", "redis://127.0.0.1:1/0"])
@pytest.mark.parametrize("responsive", ["yes", "no"])
def test_the_loop_touches_the_file_while_the_work_responds(tmp_path: Path, broker: str, responsive: str) -> None:
    file, asked = tmp_path / "heartbeat", tmp_path / "asked"
    with (tmp_path / "log").open("wb") as log:
        command = [sys.executable, "-c", WORKER, broker, str(file), str(asked), responsive]
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            touched_again(asked)
            if responsive == "yes":
                touched_again(file)
            else:
                assert not file.exists()
            assert process.poll() is None
        finally:
            process.kill()
            process.wait()
