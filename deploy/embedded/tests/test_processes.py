import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from launcher import leash, processes


@pytest.fixture
def child() -> Iterator[processes.Record]:
    """A sleeping process that leads a group of its own."""
    with subprocess.Popen(["sleep", "1000"], process_group=0) as process:
        yield processes.Record(name="child", pid=process.pid, started=leash.started_at(process.pid), starts=1)
        process.kill()


def test_a_record_is_read_back(tmp_path: Path) -> None:
    leash.note(tmp_path, "auth", os.getpid())
    leash.note(tmp_path, "auth", os.getpid())
    (record,) = processes.records(tmp_path)
    assert (record.name, record.pid, record.starts) == ("auth", os.getpid(), 2)
    assert record.alive()


def test_end_and_wait(child: processes.Record) -> None:
    assert child.members() == (child.pid,)
    assert processes.wait_until_gone((child,), 0.1) == (child,)
    processes.end(child, signal.SIGTERM)
    assert processes.wait_until_gone((child,), 10) == ()
    assert not child.alive()


def test_a_reused_id_is_a_stranger(child: processes.Record) -> None:
    assert child.started
    older = processes.Record(name="auth", pid=child.pid, started=child.started - 1, starts=1)
    assert not older.alive()
    assert older.members() == ()
    processes.end(older, signal.SIGKILL)
    assert child.alive()


def test_clear_uses_force_when_asked_in_vain(tmp_path: Path) -> None:
    deaf = subprocess.Popen(
        ["sh", "-c", "trap '' TERM; echo deaf; sleep 1000"], process_group=0, stdout=subprocess.PIPE
    )
    assert deaf.stdout
    assert deaf.stdout.readline() == b"deaf\n"
    deaf.stdout.close()
    leash.note(tmp_path, "deaf", deaf.pid)
    processes.clear(tmp_path, seconds=0.2)
    assert deaf.wait(10) == -signal.SIGKILL
    assert processes.records(tmp_path) == ()
