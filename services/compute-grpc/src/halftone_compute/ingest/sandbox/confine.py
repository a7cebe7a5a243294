"""Confines the process that reads an uploaded file, before it reads a byte of it."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from dataclasses import dataclass

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_DESCRIPTORS = 8_192


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """Limits of one child process: bytes of address space, processor seconds, bytes of one written file."""

    memory: int
    cpu_seconds: int
    file_bytes: int


def confine(limits: ChildLimits, parent: int) -> bool:
    """Limits this process, ends it together with `parent`, and isolates it from the network.

    Call it while the process has one thread. False: the kernel refused a network namespace, so the network is still
    reachable.
    """
    _end_with(parent)
    _libc("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    is_isolated = _libc("unshare", _CLONE_NEWNET) or _libc("unshare", _CLONE_NEWUSER | _CLONE_NEWNET)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, limits.file_bytes)
    _limit(resource.RLIMIT_CPU, limits.cpu_seconds + 1)
    _limit(resource.RLIMIT_AS, limits.memory)
    _limit(resource.RLIMIT_NOFILE, _DESCRIPTORS)
    return is_isolated


def _end_with(parent: int) -> None:
    _libc("prctl", _PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the worker is gone")


def _limit(kind: int, maximum: int) -> None:
    _, hard = resource.getrlimit(kind)
    bound = maximum if hard == resource.RLIM_INFINITY else min(maximum, hard)
    # Over the soft limit of processor time the kernel sends SIGXCPU, which names the cause; over the hard one SIGKILL.
    resource.setrlimit(kind, (bound - 1 if kind == resource.RLIMIT_CPU else bound, bound))


def _libc(name: str, *arguments: int) -> bool:
    return bool(ctypes.CDLL(None, use_errno=True)[name](*map(ctypes.c_ulong, arguments)) == 0)
