"""Metrics carry our prefix and can be read over HTTP."""

from collections.abc import Iterator

import httpx2
from halftone_servicekit.metrics import (
    LATENCY_BUCKETS,
    MetricRow,
    counter,
    gauge,
    histogram,
    metric_rows,
    metrics_payload,
    start_metrics_server,
)
from prometheus_client import CollectorRegistry, Counter, Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from typing_extensions import override


def test_metrics_are_prefixed_and_served() -> None:
    registry = CollectorRegistry()
    counter("frames", "Frames sent.", ["kind"], registry=registry).labels("points").inc(3)
    gauge("sockets", "Open sockets.", registry=registry).set(2)
    histogram("frame_seconds", "Time of a frame.", registry=registry).observe(0.004)
    server, thread = start_metrics_server(0, registry=registry)
    try:
        answer = httpx2.get(f"http://127.0.0.1:{server.server_port}/metrics", trust_env=False, timeout=30)
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
    assert answer.status_code == 200
    assert 'halftone_frames_total{kind="points"} 3.0' in answer.text
    assert "halftone_sockets 2.0" in answer.text
    assert 'halftone_frame_seconds_bucket{le="0.005"} 1.0' in answer.text
    assert 'halftone_frame_seconds_bucket{le="0.0025"} 0.0' in answer.text


def test_the_payload_names_its_type() -> None:
    body, content_type = metrics_payload(CollectorRegistry())
    assert body == b""
    assert content_type.startswith("text/plain")


def test_rows_list_our_metrics_only() -> None:
    registry = CollectorRegistry()
    histogram("wait_seconds", "Waiting.", buckets=(1.0,), registry=registry)
    counter("asks", "Asks.", ["kind"], registry=registry)
    Counter("foreign", "Not ours.", registry=registry)
    registry.register(Families())
    assert metric_rows(registry) == [
        MetricRow("halftone_asks", "counter", ("kind",), "Asks."),
        MetricRow("halftone_jobs", "gauge", ("state",), "Jobs."),
        MetricRow("halftone_wait_seconds", "histogram", (), "Waiting."),
    ]


class Families(Collector):
    """Counts when it is read."""

    def describe(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("halftone_jobs", "Jobs.", labels=["state"])

    @override
    def collect(self) -> Iterator[Metric]:
        yield from self.describe()


def test_latency_buckets_grow() -> None:
    assert list(LATENCY_BUCKETS) == sorted(set(LATENCY_BUCKETS))
