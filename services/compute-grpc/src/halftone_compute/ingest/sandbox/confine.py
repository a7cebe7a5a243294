"""Takes powers away from the process that reads a person's file, before it reads a byte of it."""

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
class Limits:
    """Bytes of address space, processor seconds, bytes of one written file."""

    memory: int
    cpu_seconds: int
    file_bytes: int


def confine(limits: Limits, parent: int) -> bool:
    """Bounds this process, ties its life to `parent`, and cuts it off from the network.

    Call it while there is one thread. False: the kernel gave no network namespace of its own, so the network is
    still there.
    """
    _die_with(parent)
    _libc("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    is_cut_off = _libc("unshare", _CLONE_NEWNET) or _libc("unshare", _CLONE_NEWUSER | _CLONE_NEWNET)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, limits.file_bytes)
    _limit(resource.RLIMIT_CPU, limits.cpu_seconds + 1)
    _limit(resource.RLIMIT_AS, limits.memory)
    _limit(resource.RLIMIT_NOFILE, _DESCRIPTORS)
    return is_cut_off


def _die_with(parent: int) -> None:
    _libc("prctl", _PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the worker is gone")


def _limit(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
    # Over a soft limit of processor time comes a signal that tells what it is about, over the hard one a plain kill.
    resource.setrlimit(kind, (bound - 1 if kind == resource.RLIMIT_CPU else bound, bound))


def _libc(name: str, *arguments: int) -> bool:
    return bool(ctypes.CDLL(None, use_errno=True)[name](*map(ctypes.c_ulong, arguments)) == 0)
