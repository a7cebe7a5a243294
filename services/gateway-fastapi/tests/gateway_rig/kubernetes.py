"""A small API server that speaks the list and watch of EndpointSlices, and fails as one may."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from typing_extensions import override

NAMESPACE = "halftone"
# What KUBECONFIG may name; `server` is to be filled in.
CONFIG = """
apiVersion: v1
kind: Config
current-context: test
contexts: [{{name: test, context: {{cluster: test, user: test}}}}]
clusters: [{{name: test, cluster: {{server: "{server}"}}}}]
users: [{{name: test, user: {{token: "a-token"}}}}]
"""


def endpoint(address: str, uid: str = "", **conditions: bool | None) -> dict[str, Any]:
    """One endpoint of a slice."""
    reference = {"targetRef": {"kind": "Pod", "uid": uid}} if uid else {}
    return {"addresses": [address], "conditions": conditions, **reference}


def slice_of(
    name: str, *endpoints: dict[str, Any], service: str = "compute", family: str = "IPv4", version: str = "1"
) -> dict[str, Any]:
    """One EndpointSlice."""
    labels = {"kubernetes.io/service-name": service}
    metadata = {"name": name, "namespace": NAMESPACE, "labels": labels, "resourceVersion": version}
    return {"addressType": family, "metadata": metadata, "endpoints": list(endpoints)}


class Api:
    """`put` and `delete` change slices; `expire` forgets versions, `cut` drops open watches, `down` answers 503."""

    def __init__(self) -> None:
        self.down = False
        self.lists = 0
        self.watches = 0
        self.tokens: set[str] = set()
        self._floor = 0
        self._cuts = 0
        self._items: dict[str, dict[str, Any]] = {}
        self._events: list[tuple[int, str, dict[str, Any]]] = []
        self._changed = threading.Condition()
        self._version = 100
        self._closing = False

    def put(self, item: dict[str, Any]) -> None:
        with self._changed:
            kind = "MODIFIED" if item["metadata"]["name"] in self._items else "ADDED"
            self._happened(kind, item)
            self._items[item["metadata"]["name"]] = item

    def delete(self, name: str) -> None:
        with self._changed:
            self._happened("DELETED", self._items.pop(name))

    def expire(self) -> None:
        """From now on a watch from an older version is refused, and the open ones are told so."""
        with self._changed:
            self._version += 1
            self._floor = self._version
            self._changed.notify_all()

    def cut(self) -> None:
        """Drops every open watch in the middle of a line."""
        with self._changed:
            self._cuts += 1
            self._changed.notify_all()

    @contextmanager
    def serve(self) -> Iterator[str]:
        server = _Server(("127.0.0.1", 0), partial(_Handler, self))
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            with self._changed:
                self._closing = True
                self._changed.notify_all()
            server.shutdown()
            server.server_close()
            thread.join(10)

    def listed(self, service: str) -> dict[str, Any]:
        with self._changed:
            self.lists += 1
            items = [item for item in self._items.values() if _service(item) == service]
            return {"metadata": {"resourceVersion": str(self._version)}, "items": items}

    def watched(self, service: str, since: int, seconds: float) -> Iterator[bytes]:
        """Lines; None stands for a connection that is dropped."""
        until = time.monotonic() + seconds
        with self._changed:
            # Counted only now: one that is counted is dropped by `cut`.
            self.watches += 1
            cuts = self._cuts
            while not self._closing and time.monotonic() < until:
                if since < self._floor:
                    yield _line("ERROR", {"kind": "Status", "code": 410, "reason": "Expired"})
                    return
                for version, kind, item in [event for event in self._events if event[0] > since]:
                    since = version
                    if _service(item) == service:
                        yield _line(kind, item)
                if self._cuts > cuts:
                    yield b'{"type": "ADD'
                    raise ConnectionAbortedError
                self._changed.wait(min(0.05, seconds))

    def _happened(self, kind: str, item: dict[str, Any]) -> None:
        self._version += 1
        item["metadata"]["resourceVersion"] = str(self._version)
        self._events.append((self._version, kind, item))
        self._changed.notify_all()


def _service(item: dict[str, Any]) -> str:
    return str(item["metadata"]["labels"]["kubernetes.io/service-name"])


def _line(kind: str, item: dict[str, Any]) -> bytes:
    return json.dumps({"type": kind, "object": item}).encode() + b"\n"


class _Server(ThreadingHTTPServer):
    # Threads of watches are waited for.
    daemon_threads = False

    @override
    def handle_error(self, request: object, client_address: object) -> None:
        """A client that left is no error."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, api: Api, *args: Any) -> None:  # noqa: ANN401 - those of the base class
        self.api = api
        super().__init__(*args)

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        assert address.path == f"/apis/discovery.k8s.io/v1/namespaces/{NAMESPACE}/endpointslices"
        self.api.tokens.add(self.headers.get("Authorization", ""))
        service = query["labelSelector"].removeprefix("kubernetes.io/service-name=")
        if self.api.down:
            self._answer(503, b"{}")
        elif query.get("watch") == "true":
            self._stream(self.api.watched(service, int(query["resourceVersion"]), float(query["timeoutSeconds"])))
        else:
            self._answer(200, json.dumps(self.api.listed(service)).encode())

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, lines: Iterator[bytes]) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.close_connection = True
        try:
            for line in lines:
                self.wfile.write(f"{len(line):x}\r\n".encode() + line + b"\r\n")
            self.wfile.write(b"0\r\n\r\n")
        except ConnectionError:
            return

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""
