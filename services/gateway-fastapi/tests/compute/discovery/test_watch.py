"""Lines out of what the network brings, and an end that comes soon."""

import threading
import time

import pytest
from gateway_rig.kubernetes import NAMESPACE, Api, endpoint, slice_of
from halftone_gateway.compute.discovery import watch
from halftone_gateway.compute.discovery.watch import Watcher, whole_lines
from kubernetes import client


def test_lines_are_whole_however_they_were_cut() -> None:
    text = b'{"a": 1}\n{"b": 2}\n\n{"cut'
    for size in range(1, len(text)):
        chunks = [text[start : start + size] for start in range(0, len(text), size)]
        assert list(whole_lines(chunks)) == [b'{"a": 1}', b'{"b": 2}']


def test_a_watcher_tells_changes_only_and_stops_while_it_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    # So long a read would go on by itself.
    monkeypatch.setattr(watch, "WATCH_S", 600)
    told: list[tuple[str, tuple[str, ...]]] = []
    heard = threading.Event()

    def tell(name: str, targets: tuple[str, ...]) -> None:
        told.append((name, targets))
        heard.set()

    api = Api()
    api.put(slice_of("a", endpoint("10.0.0.1")))
    with api.serve() as url:
        configuration = client.Configuration(host=url)
        watcher = Watcher(client.DiscoveryV1Api(client.ApiClient(configuration)), NAMESPACE, "compute:7", tell)
        watcher.start()
        assert heard.wait(30)
        heard.clear()
        api.put(slice_of("a", endpoint("10.0.0.1", ready=True)))
        api.put(slice_of("b", endpoint("10.0.0.2")))
        assert heard.wait(30)
        watcher.stop()
        deadline = time.monotonic() + 30
        while watcher.is_alive and time.monotonic() < deadline:
            watcher.join()
        assert not watcher.is_alive
    assert told == [("compute:7", ("10.0.0.1:7",)), ("compute:7", ("10.0.0.1:7", "10.0.0.2:7"))]
