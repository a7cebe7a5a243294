"""Limits of control groups, read from folders laid out as the kernel does."""

import os
from pathlib import Path

import pytest
from halftone_compute import cgroup


def laid_out(tmp_path: Path, membership: str, files: dict[str, str]) -> tuple[Path, Path]:
    root, member = tmp_path / "cgroup", tmp_path / "membership"
    root.mkdir()
    member.write_text(membership)
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n")
    return root, member


@pytest.fixture(autouse=True)
def _eight_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))


@pytest.mark.parametrize(
    ("membership", "files", "cores"),
    [
        ("0::/\n", {"cpu.max": "max 100000"}, 8),
        ("0::/\n", {"cpu.max": "200000 100000"}, 2),
        ("0::/\n", {"cpu.max": "150000 100000"}, 2),
        ("0::/\n", {"cpu.max": "10000 100000"}, 1),
        ("0::/\n", {"cpu.max": "9900000 100000"}, 8),
        ("0::/pods/a\n", {"pods/cpu.max": "300000 100000", "pods/a/cpu.max": "max 100000"}, 3),
        ("0::/not/here\n", {"cpu.max": "400000 100000"}, 4),
        ("0::/../../other\n", {"cpu.max": "400000 100000"}, 4),
        (
            "4:cpu,cpuacct:/\n0::/\n",
            {"cpu,cpuacct/cpu.cfs_quota_us": "50000", "cpu,cpuacct/cpu.cfs_period_us": "10000"},
            5,
        ),
        ("4:cpu:/a\n", {"cpu/a/cpu.cfs_quota_us": "-1", "cpu/a/cpu.cfs_period_us": "100000"}, 8),
        ("4:cpu:/a\n", {"cpu/cpu.cfs_quota_us": "600000", "cpu/cpu.cfs_period_us": "100000"}, 6),
        ("", {}, 8),
    ],
)
def test_a_quota_of_processors_is_kept(tmp_path: Path, membership: str, files: dict[str, str], cores: int) -> None:
    assert cgroup.usable_cores(*laid_out(tmp_path, membership, files)) == cores


@pytest.mark.parametrize(
    ("membership", "files", "limit"),
    [
        ("0::/a\n", {"memory.max": "max", "a/memory.max": "1048576"}, 1048576),
        ("0::/a\n", {"memory.max": "524288", "a/memory.max": "1048576"}, 524288),
        ("4:memory:/\n", {"memory/memory.limit_in_bytes": "2097152"}, 2097152),
        ("4:memory:/\n", {"memory/memory.limit_in_bytes": str((1 << 63) - 4096)}, None),
        ("", {}, None),
    ],
)
def test_a_limit_of_memory_is_kept(tmp_path: Path, membership: str, files: dict[str, str], limit: int | None) -> None:
    installed = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert cgroup.memory_limit(*laid_out(tmp_path, membership, files)) == (limit or installed)


def test_the_groups_of_this_process_are_understood() -> None:
    assert 1 <= cgroup.usable_cores() <= 8
    assert cgroup.memory_limit() > 1 << 20
