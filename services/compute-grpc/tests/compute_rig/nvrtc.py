"""CUDA without a GPU: NVRTC compiles a source for an architecture and says what each kernel takes.

    python -m compute_rig.nvrtc [--all]

compiles `kernels.cu` for the oldest and the newest architecture, or all of them, and prints a table: registers of a
thread, bytes of shared memory of a block, and whatever spills. Ends with status 1 when something spills or is warned
of.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cuda.bindings import nvrtc
from halftone_compute.backends.card import kernels_cu
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

# Volta, Turing, Ampere (data centre, desktop), Ada, Hopper, Blackwell.
ARCHITECTURES = (70, 75, 80, 86, 89, 90, 100)
# The kernels ask for no architecture, so that those between differ in the assembler alone; each takes ten seconds.
OUTERMOST = (ARCHITECTURES[0], ARCHITECTURES[-1])
# What CuPy adds to ours, and what makes the assembler speak.
OPTIONS = (*kernels_cu.OPTIONS, "--device-as-default-execution-space", "--ptxas-options=-v")
# NVRTC 12.9 says this of anything older than Turing.
DEPRECATED = re.compile(r"nvrtc: warning: Architectures prior to .* are deprecated .*")

_ENTRY = re.compile(r"Compiling entry function '(\w+)'(.*?)(?=Compiling entry function|\Z)", re.DOTALL)
_FRAME = re.compile(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads")


class NotCompiledError(Exception):
    """NVRTC did not take a source; its words."""


@dataclass(frozen=True)
class Taken:
    """What one kernel takes: registers of a thread, bytes of the rest."""

    registers: int
    shared: int
    stack: int
    spilled: int

    @override
    def __str__(self) -> str:
        shared = f"+{self.shared}s" if self.shared else ""
        lost = f"!{self.stack + self.spilled}" if self.stack + self.spilled else ""
        return f"{self.registers}{shared}{lost}"


@dataclass(frozen=True)
class Compiled:
    """One source for one architecture: what each kernel takes, and the warnings."""

    kernels: Mapping[str, Taken]
    warnings: Sequence[str]


def compiled(source: str, architecture: int) -> Compiled:
    """Raises NotCompiledError."""
    log = log_of(source, (*OPTIONS, f"--gpu-architecture=sm_{architecture}"))
    warnings = [line for line in log.splitlines() if "warning" in line and not DEPRECATED.fullmatch(line)]
    return Compiled({name: _taken(words) for name, words in _ENTRY.findall(log)}, warnings)


def log_of(source: str, options: Sequence[str]) -> str:
    """What NVRTC says; asked once for each state of a source, since it takes seconds. Raises NotCompiledError."""
    state = hashlib.sha256("\0".join((*map(str, nvrtc.nvrtcVersion()), *options, source)).encode()).hexdigest()[:16]
    path = Path(tempfile.gettempdir()) / f"halftone-kernels-{os.getuid()}" / f"{state}.log"
    if not path.exists():
        path.parent.mkdir(mode=0o700, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.write_text(_compile(source, options)[0])
        fresh.replace(path)
    return path.read_text()


def ptx_of(source: str, *options: str) -> str:
    """The instructions that a source becomes, before an assembler chooses registers. Raises NotCompiledError."""
    return _compile(source, (*options, "--gpu-architecture=compute_90"))[1]


def table(found: Mapping[int, Compiled]) -> str:
    """One line for each kernel, one column for each architecture."""
    names = sorted({name for each in found.values() for name in each.kernels})
    rows = [("registers", *(f"sm_{architecture}" for architecture in found))]
    rows += [(name, *(str(each.kernels.get(name, "-")) for each in found.values())) for name in names]
    return "\n".join(f"{name:14}" + "".join(f"{cell:>12}" for cell in cells) for name, *cells in rows)


def _compile(source: str, options: Sequence[str]) -> tuple[str, str]:
    """(log, PTX)."""
    status, program = nvrtc.nvrtcCreateProgram(source.encode(), b"kernels.cu", 0, [], [])
    if status != nvrtc.nvrtcResult.NVRTC_SUCCESS:
        raise NotCompiledError(str(status))
    try:
        (status,) = nvrtc.nvrtcCompileProgram(program, len(options), [option.encode() for option in options])
        log = _text(program, nvrtc.nvrtcGetProgramLogSize, nvrtc.nvrtcGetProgramLog)
        if status != nvrtc.nvrtcResult.NVRTC_SUCCESS:
            raise NotCompiledError(log)
        return log, _text(program, nvrtc.nvrtcGetPTXSize, nvrtc.nvrtcGetPTX)
    finally:
        nvrtc.nvrtcDestroyProgram(program)


def _text(program: nvrtc.nvrtcProgram, size: Callable[..., Any], write: Callable[..., Any]) -> str:
    _, length = size(program)
    written = bytearray(length)
    write(program, written)
    return written.rstrip(b"\0").decode()


def _taken(words: str) -> Taken:
    registers, frame, shared = (
        re.search(pattern, words) for pattern in (r"Used (\d+) registers", _FRAME, r"(\d+) bytes smem")
    )
    if registers is None or frame is None:
        raise NotCompiledError(f"the assembler does not say what a kernel takes: {words}")
    stack, stores, loads = map(int, frame.groups())
    return Taken(int(registers[1]), int(shared[1]) if shared else 0, stack, stores + loads)


def main() -> int:
    chosen = ARCHITECTURES if "--all" in sys.argv else OUTERMOST
    found = {architecture: compiled(kernels_cu.source(), architecture) for architecture in chosen}
    print(f"{table(found)}\n+s: bytes of shared memory; !: bytes of stack and spills")
    warnings = {line for each in found.values() for line in each.warnings}
    print(*sorted(warnings), sep="\n", end="")
    return bool(warnings) or any("!" in str(taken) for each in found.values() for taken in each.kernels.values())


if __name__ == "__main__":
    sys.exit(main())
