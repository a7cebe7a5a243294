"""Freed buffers of frames stay with the process; larger ones go."""

import ctypes
import platform
import subprocess
import sys

import pytest
from halftone_servicekit.allocator import keep_freed_memory

# What is resident after buffers were made and freed, less what was before, in MiB.
SCRIPT = """
import sys
from halftone_servicekit.allocator import keep_freed_memory

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4 >> 10

if sys.argv[1] == "keep":
    keep_freed_memory()
before = resident()
buffers = [bytes([7]) * int(sys.argv[2]) for _ in range(32)]
del buffers
print(resident() - before)
"""


def kept(how: str, size: int) -> int:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, how, str(size)], capture_output=True, text=True, check=True, timeout=60
    )
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="mallopt is glibc's; runs where the C library is that")
def test_freed_buffers_of_a_frame_stay() -> None:
    assert kept("keep", 600_000) >= 15
    assert kept("leave", 600_000) < 5


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="mallopt is glibc's; runs where the C library is that")
def test_large_buffers_go() -> None:
    assert kept("keep", 9 << 20) < 20


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: object())
    keep_freed_memory()
