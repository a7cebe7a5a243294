import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from launcher import leash, processes

from .conftest import wait_until

# Above the largest process id that Linux gives.
UNUSED = 1 << 22


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


def test_a_process_forked_meanwhile_is_ended_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with subprocess.Popen(["sh", "-c", "read go; sleep 1000 & wait"], process_group=0, stdin=subprocess.PIPE) as shell:
        leash.note(tmp_path, "shell", shell.pid)
        (record,) = processes.records(tmp_path)
        members = processes.group_members

        def then_it_forks(group: int) -> Iterator[int]:
            found = list(members(group))
            if shell.stdin and not shell.stdin.closed:
                shell.stdin.close()
                wait_until(lambda: len(list(members(group))) == 2)
            return iter(found)

        monkeypatch.setattr(processes, "group_members", then_it_forks)
        processes.end(record, signal.SIGKILL)
        assert processes.wait_until_gone((record,), 20) == ()


def test_two_may_clear_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`make down`, and the launcher in the foreground whose supervisord it has ended."""
    leash.note(tmp_path, "ended", UNUSED)
    remove = Path.unlink

    def second(path: Path, missing_ok: bool = False) -> None:
        remove(path)
        remove(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", second)
    processes.clear(tmp_path)
    assert processes.records(tmp_path) == ()


def test_a_record_that_has_just_gone_is_none(tmp_path: Path) -> None:
    (tmp_path / "auth.json").symlink_to("gone")
    assert processes.records(tmp_path) == ()
