"""Runs the child process that reads a file, and survives whatever happens to it."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import IO, TYPE_CHECKING, Any

import structlog
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.ingest.sandbox.convert import Order, Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from halftone_compute.ingest.jobs.stop import StopFlag
    from halftone_compute.ingest.sandbox.confine import Limits

_log = structlog.get_logger(__name__)
_MODULE = "halftone_compute.ingest.sandbox.child"
_POLL_SECONDS = 0.1
_LINE_BYTES = 1 << 20
_LAST_WORDS = 4_096
_EXIT_SECONDS = 10.0
# What the child needs to start; secrets of the worker are not among them.
_ENVIRONMENT = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG", "TZ")
# Arrow's own allocator reserves address space by the gigabyte, which a limit on it would count.
_MALLOC = {"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "2", "OPENBLAS_NUM_THREADS": "1"}


def convert_in_child(order: Order, limits: Limits, report: Callable[[Progress], None], stop: StopFlag) -> None:
    """Fills the folder of `order` from its source.

    Raises HalftoneError with what the child found wrong, or `parser_crash` when it died; StoppedError within 0.2 s of
    `stop`, the child then being dead.
    """
    outcome: dict[str, object] = {}
    with _child(order, limits) as (process, messages, errors):
        last_words = _listen(messages, errors, stop, lambda message: _take(message, outcome, report))
        code = process.wait(_EXIT_SECONDS)
    if last_words:
        _log.info("ingest_child_stderr", text=last_words.decode("utf-8", "replace"))
    if isinstance(error := outcome.get("error"), HalftoneError):
        raise error
    if code != 0 or "done" not in outcome:
        raise _crash(code)


@contextmanager
def _child(order: Order, limits: Limits) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes], IO[bytes]]]:
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
                yield process, messages, _told(process, order, limits)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)


def _told(process: subprocess.Popen[bytes], order: Order, limits: Limits) -> IO[bytes]:
    if process.stdin is None or process.stderr is None:
        raise RuntimeError("the child has no pipes")
    body = {**asdict(order), "limits": asdict(limits), "parent": os.getpid()}
    # A child that is dead already can not be told; how it ended says what there is to say.
    with suppress(BrokenPipeError), process.stdin:
        process.stdin.write(json.dumps(body, default=str).encode())
    return process.stderr


def _listen(messages: IO[bytes], errors: IO[bytes], stop: StopFlag, take: Callable[[dict[str, Any]], None]) -> bytes:
    """Reads both pipes to their end; the last bytes of `errors`. Raises StoppedError."""
    held = {messages: b"", errors: b""}
    with selectors.DefaultSelector() as selector:
        for pipe in held:
            selector.register(pipe, selectors.EVENT_READ)
        while selector.get_map():
            stop.check()
            for key, _ in selector.select(_POLL_SECONDS):
                pipe = messages if key.fileobj is messages else errors
                data = os.read(pipe.fileno(), 65_536)
                if not data:
                    selector.unregister(pipe)
                held[pipe] += data
            held[errors] = held[errors][-_LAST_WORDS:]
            *lines, held[messages] = held[messages].split(b"\n")
            _hand_over(lines, take)
            if len(held[messages]) > _LINE_BYTES:
                raise HalftoneError(ErrorCode.PARSER_CRASH)
    return held[errors]


def _hand_over(lines: list[bytes], take: Callable[[dict[str, Any]], None]) -> None:
    """What reads a stranger's file may say anything: what is no message of ours counts as a crash."""
    try:
        for line in lines:
            take(json.loads(line))
    except (ValueError, TypeError, AttributeError) as error:
        raise HalftoneError(ErrorCode.PARSER_CRASH) from error


def _take(message: dict[str, Any], outcome: dict[str, object], report: Callable[[Progress], None]) -> None:
    if "progress" in message:
        report(Progress(**message["progress"]))
    elif message.get("network") is True:
        _log.warning("ingest_child_has_network", hint="the kernel gave it no network namespace of its own")
    elif "error" in message:
        outcome["error"] = HalftoneError(**message["error"])
    elif "done" in message:
        outcome["done"] = True


def _crash(code: int) -> HalftoneError:
    _log.warning("ingest_child_died", code=code)
    if code == -signal.SIGXCPU:
        return HalftoneError(ErrorCode.PARSER_CRASH, "Reading the file took more processor time than is allowed.")
    return HalftoneError(ErrorCode.PARSER_CRASH)
