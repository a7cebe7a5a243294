"""Starts the child process that reads a file, and turns every way in which it can end into an outcome."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import IO, TYPE_CHECKING, Any, Literal, TypeAlias

import structlog
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.ingest.sandbox.messages import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from halftone_compute.ingest.sandbox.confine import ChildLimits
    from halftone_compute.ingest.sandbox.messages import ConvertRequest, OrderRequest, PreviewRequest

Task: TypeAlias = Literal["convert", "preview", "order"]
Request: TypeAlias = "ConvertRequest | PreviewRequest | OrderRequest"

_log = structlog.get_logger(__name__)
_MODULE = "halftone_compute.ingest.sandbox.child"
_POLL_SECONDS = 0.1
_LINE_BYTES = 1 << 20
_STDERR_BYTES = 4_096
_EXIT_SECONDS = 10.0
# What the child needs to start. Secrets of the worker are not among them.
_ENVIRONMENT = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG", "TZ", "NUMBA_CACHE_DIR")
# What libraries written in Rust say before they end the process.
_NO_MEMORY = b"memory allocation of "
# Arrow's own allocator reserves gigabytes of address space, which would count against the limit on it.
_MALLOC = {"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "2", "OPENBLAS_NUM_THREADS": "1"}
# Blocks of rows come and go: memory that the kernel gets back must be cleared, page by page, when it is needed again.
_MALLOC |= {"MALLOC_MMAP_THRESHOLD_": str(64 << 20), "MALLOC_TRIM_THRESHOLD_": str(128 << 20)}


def convert_in_child(
    request: ConvertRequest, limits: ChildLimits, on_progress: Callable[[Progress], None], check: Callable[[], None]
) -> None:
    """Fills the folder of `request` from its source; like `preview_in_child`."""
    _run("convert", request, limits, on_progress, check)


def order_in_child(
    request: OrderRequest, limits: ChildLimits, on_progress: Callable[[Progress], None], check: Callable[[], None]
) -> None:
    """Puts the version in the folder of `request` in order; like `preview_in_child`."""
    _run("order", request, limits, on_progress, check)


def preview_in_child(
    request: PreviewRequest, limits: ChildLimits, on_progress: Callable[[Progress], None], check: Callable[[], None]
) -> dict[str, object]:
    """The preview of a file. `check` runs at least every 0.2 s and ends the child by raising.

    Raises HalftoneError with what the child found wrong, or `parser_crash` when it died; and what `check` raises, once
    the child is dead.
    """
    return _run("preview", request, limits, on_progress, check)


def _run(
    task: Task,
    request: Request,
    limits: ChildLimits,
    on_progress: Callable[[Progress], None],
    check: Callable[[], None],
) -> dict[str, object]:
    outcome: dict[str, object] = {}
    with _child(task, request, limits) as (process, messages, errors):
        stderr = _read_pipes(messages, errors, check, lambda message: _handle(message, outcome, on_progress))
        code = process.wait(_EXIT_SECONDS)
    if stderr:
        _log.info("ingest_child_stderr", text=stderr.decode("utf-8", "replace"))
    if isinstance(error := outcome.get("error"), HalftoneError):
        raise error
    done = outcome.get("done")
    if code != 0 or not isinstance(done, dict):
        raise _crash(code, stderr)
    return done


@contextmanager
def _child(
    task: Task, request: Request, limits: ChildLimits
) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes], IO[bytes]]]:
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb", buffering=0) as messages:
        try:
            process = subprocess.Popen(
                [sys.executable, "-m", _MODULE, str(writer)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=[writer],
                start_new_session=True,
                cwd="/",
                env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ} | _MALLOC,
            )
        finally:
            os.close(writer)
        with process:
            try:
                yield process, messages, _send(process, task, request, limits)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)


def _send(process: subprocess.Popen[bytes], task: Task, request: Request, limits: ChildLimits) -> IO[bytes]:
    """Writes the request to stdin; returns stderr."""
    if process.stdin is None or process.stderr is None:
        raise RuntimeError("the child has no pipes")
    body = {**asdict(request), "task": task, "limits": asdict(limits), "parent": os.getpid()}
    # The exit code of a child that is already dead says more than the broken pipe.
    with suppress(BrokenPipeError), process.stdin:
        process.stdin.write(json.dumps(body, default=str).encode())
    return process.stderr


def _read_pipes(
    messages: IO[bytes], errors: IO[bytes], check: Callable[[], None], handle: Callable[[dict[str, Any]], None]
) -> bytes:
    """Reads both pipes to their end; the last bytes of `errors`. Raises what `check` raises."""
    buffers = {messages: b"", errors: b""}
    with selectors.DefaultSelector() as selector:
        for pipe in buffers:
            selector.register(pipe, selectors.EVENT_READ)
        while selector.get_map():
            check()
            for key, _ in selector.select(_POLL_SECONDS):
                pipe = messages if key.fileobj is messages else errors
                data = os.read(pipe.fileno(), 65_536)
                if not data:
                    selector.unregister(pipe)
                buffers[pipe] += data
            buffers[errors] = buffers[errors][-_STDERR_BYTES:]
            *lines, buffers[messages] = buffers[messages].split(b"\n")
            _parse(lines, handle)
            if len(buffers[messages]) > _LINE_BYTES:
                raise HalftoneError(ErrorCode.PARSER_CRASH)
    return buffers[errors]


def _parse(lines: list[bytes], handle: Callable[[dict[str, Any]], None]) -> None:
    """The file may have taken over the child that reads it: a line that is not a message counts as a crash."""
    try:
        for line in lines:
            handle(json.loads(line))
    except (ValueError, TypeError, AttributeError) as error:
        raise HalftoneError(ErrorCode.PARSER_CRASH) from error


def _handle(message: dict[str, Any], outcome: dict[str, object], on_progress: Callable[[Progress], None]) -> None:
    if "progress" in message:
        on_progress(Progress(**message["progress"]))
    elif message.get("network") is True:
        _log.warning("ingest_child_has_network", hint="the kernel refused a network namespace")
    elif "error" in message:
        outcome["error"] = HalftoneError(**message["error"])
    elif "done" in message:
        outcome["done"] = message["done"]


def _crash(code: int, stderr: bytes) -> HalftoneError:
    _log.warning("ingest_child_died", code=code)
    if code == -signal.SIGABRT and _NO_MEMORY in stderr:
        return HalftoneError(ErrorCode.TOO_LARGE_UNCOMPRESSED, "Reading the file needs more memory than is allowed.")
    if code == -signal.SIGXCPU:
        return HalftoneError(ErrorCode.PARSER_CRASH, "Reading the file took more processor time than is allowed.")
    return HalftoneError(ErrorCode.PARSER_CRASH)
