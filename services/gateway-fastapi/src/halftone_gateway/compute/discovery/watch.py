"""Watches the EndpointSlices of one Service in a thread: the client of Kubernetes is synchronous."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import structlog
from halftone_servicekit.backoff import Backoff

from halftone_gateway.compute.discovery.slices import GONE, GoneError, Slices

# The server ends a watch after this time, and the next one resumes from its version. A read that takes longer means
# that the connection is dead.
WATCH_S: Final = 30
_CONNECT_S: Final = 5.0
_SLACK_S: Final = 5.0
_FIRST_S: Final = 0.2
_LONGEST_S: Final = 10.0

Changed = Callable[[str, tuple[str, ...]], None]

log = structlog.get_logger(__name__)


class Watcher:
    """`changed` is called from the thread, with the name as given and the ready targets, each time these change."""

    def __init__(self, api: Any, namespace: str, name: str, changed: Changed) -> None:  # noqa: ANN401 - the client has no types
        self._api = api
        self._namespace = namespace
        self._name = name
        self._service, _, port = name.rpartition(":")
        self._port = int(port)
        self._changed = changed
        self._reported: tuple[str, ...] | None = None
        self._slices = Slices()
        self._stopping = threading.Event()
        self._response: Any = None
        self._backoff = Backoff(_FIRST_S, _LONGEST_S)
        # A daemon: a read that cannot be interrupted must not keep the process alive.
        self._thread = threading.Thread(target=self._run, name=f"watch {name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread soon, also while it waits for the server."""
        self._stopping.set()
        response = self._response
        if response is not None:
            # The read may just have ended.
            with contextlib.suppress(ValueError, RuntimeError, OSError):
                response.shutdown()

    def join(self) -> None:
        self._thread.join(_CONNECT_S)

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._list()
                while not self._stopping.is_set():
                    self._watch()
                    self._backoff.reset()
                    self._stopping.wait(_FIRST_S)
            except GoneError:
                log.info("watch_too_old", service=self._service)
            except Exception as error:
                # Any error: keep the last known endpoints and retry.
                if not self._stopping.is_set():
                    log.warning("watch_broken", service=self._service, error=repr(error))
            self._pause()

    def _pause(self) -> None:
        self._stopping.wait(self._backoff.pause())

    def _list(self) -> None:
        self._slices.replace(json.loads(b"".join(self._read(_SLACK_S))))
        self._report()

    def _watch(self) -> None:
        options = {
            "watch": True,
            "resource_version": self._slices.version,
            "allow_watch_bookmarks": True,
            "timeout_seconds": WATCH_S,
        }
        for line in whole_lines(self._read(WATCH_S + _SLACK_S, **options)):
            self._slices.apply(json.loads(line))
            # Not before the first event: a server that lists well and breaks each watch must be asked with backoff.
            self._backoff.reset()
            self._report()

    def _read(self, silence_s: float, **options: object) -> Iterator[bytes]:
        """The bytes of the answer to a list or watch, as they arrive."""
        response = self._api.list_namespaced_endpoint_slice(
            self._namespace,
            label_selector=f"kubernetes.io/service-name={self._service}",
            _preload_content=False,
            _request_timeout=(_CONNECT_S, silence_s),
            **options,
        )
        self._response = response
        try:
            if response.status == GONE:
                raise GoneError
            if response.status != 200:
                raise ValueError(f"the API answers with status {response.status}")
            if not self._stopping.is_set():
                yield from response.stream(None)
        finally:
            self._response = None
            response.close()

    def _report(self) -> None:
        targets = self._slices.targets(self._port)
        if targets != self._reported:
            self._reported = targets
            self._changed(self._name, targets)


def whole_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Whole lines; a line cut off at the end is dropped, and comes again with the next watch."""
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        yield from (line for line in lines if line)
