"""The engine that is preferred, and the one that stands in for it when it fails."""

from __future__ import annotations

import platform
import threading
from typing import TYPE_CHECKING, Final

import structlog

from halftone_compute import metrics
from halftone_compute.backends.base import EngineError

if TYPE_CHECKING:
    from halftone_compute.backends.base import Cancel, Engine, Task

# What the CPU engine computes on.
PROCESSOR: Final = platform.machine()

log = structlog.get_logger(__name__)


class Engines:
    """Who makes pictures now. For several threads; `close` comes after the last picture."""

    def __init__(self, first: Engine, second: Engine | None = None, device: str = PROCESSOR) -> None:
        """`second` can do whatever `first` can, and does not fail. `device` is what `first` computes on."""
        self._first = first
        self._second = second
        self._lost = False
        self._lock = threading.Lock()
        _tell(first, device)

    def current(self) -> Engine:
        """The engine for the next picture."""
        return self._second if self._lost and self._second is not None else self._first

    def degraded(self, engine: Engine) -> str:
        """Why the current engine is not the preferred one; empty for that one."""
        return "" if engine is self._first else "card_lost"

    def needs(self, task: Task) -> int:
        """The bytes of a canvas of any engine that may have to make a task."""
        possible = {self.current(), self._second or self._first}
        return max(_needs(engine, task) for engine in possible)

    def failed(self, engine: Engine, error: EngineError) -> Engine:
        """The engine to make the same picture with. After `card_lost` it makes every later one too.

        Raises the error when there is no other engine.
        """
        if self._second is None or engine is self._second:
            raise error
        if error.reason == "card_lost":
            self._lose(self._second, error)
        return self._second

    def warm_up(self) -> None:
        """Compiles what tiles need of the engine that makes them."""
        try:
            self._first.warm_up()
        except EngineError as error:
            self.failed(self._first, error).warm_up()

    def warm_up_free(self, cancel: Cancel) -> None:
        """Compiles what free viewports need, then everything of the engine that may have to stand in.

        Raises HalftoneError `cancelled`.
        """
        try:
            self._first.warm_up_free(cancel)
        except EngineError as error:
            self.failed(self._first, error)
        if self._second is not None:
            cancel.check()
            self._second.warm_up()
            self._second.warm_up_free(cancel)

    def close(self) -> None:
        """Frees everything."""
        if not self._lost:
            self._first.close()
        if self._second is not None:
            self._second.close()

    def _lose(self, second: Engine, error: EngineError) -> None:
        with self._lock:
            if self._lost:
                return
            self._lost = True
        _tell(second, PROCESSOR)
        log.error("card_lost", detail=error.detail, backend=second.name)
        try:
            # Others may still ask it for something, and find it lost too.
            self._first.close()
        except Exception:
            # What a GPU that is gone cannot do must not cost a picture.
            log.exception("card_not_closed")


def _needs(engine: Engine, task: Task) -> int:
    """0 for an engine that fails now: it will when it is asked to make the task, and another one makes it."""
    try:
        return engine.needs(task)
    except EngineError:
        return 0


def _tell(engine: Engine, device: str) -> None:
    metrics.BACKEND_INFO.clear()
    metrics.BACKEND_INFO.labels(engine.name, device).set(1)
