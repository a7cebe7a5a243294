"""Prometheus metrics under the prefix `halftone_`."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from threading import Thread
from wsgiref.simple_server import WSGIServer

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Metric,
    generate_latest,
    start_http_server,
)
from prometheus_client.registry import Collector

PREFIX = "halftone_"

# Seconds. Fine where a frame must be (1 to 100 ms), coarse up to the longest deadline of an interactive call.
LATENCY_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


def counter(name: str, doc: str, labels: Sequence[str] = (), registry: CollectorRegistry = REGISTRY) -> Counter:
    """A counter `halftone_<name>`; Prometheus adds `_total`."""
    return Counter(PREFIX + name, doc, labels, registry=registry)


def gauge(name: str, doc: str, labels: Sequence[str] = (), registry: CollectorRegistry = REGISTRY) -> Gauge:
    """A gauge `halftone_<name>`."""
    return Gauge(PREFIX + name, doc, labels, registry=registry)


def histogram(
    name: str,
    doc: str,
    labels: Sequence[str] = (),
    buckets: Sequence[float] = LATENCY_BUCKETS,
    registry: CollectorRegistry = REGISTRY,
) -> Histogram:
    """A histogram `halftone_<name>`, of seconds unless other buckets are given."""
    return Histogram(PREFIX + name, doc, labels, registry=registry, buckets=buckets)


def metrics_payload(registry: CollectorRegistry = REGISTRY) -> tuple[bytes, str]:
    """The body and the content type of a `/metrics` answer."""
    return generate_latest(registry), CONTENT_TYPE_LATEST


def start_metrics_server(
    port: int, host: str = "127.0.0.1", registry: CollectorRegistry = REGISTRY
) -> tuple[WSGIServer, Thread]:
    """Serves `/metrics` from a daemon thread; port 0 picks a free one. `server.shutdown()` ends it."""
    return start_http_server(port, host, registry)


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One metric as the documentation shows it."""

    name: str
    type: str
    labels: tuple[str, ...]
    description: str


def metric_rows(registry: CollectorRegistry = REGISTRY) -> list[MetricRow]:
    """Every Halftone metric, sorted by name."""
    # prometheus_client has no public name for the collectors of a registry, nor for the labels of a metric.
    collectors = set(registry._names_to_collectors.values())
    described = ((family, collector) for collector in collectors for family in _families(collector))
    rows = (
        MetricRow(family.name, family.type, _labels(collector) or _labels(family), family.documentation)
        for family, collector in described
        if family.name.startswith(PREFIX)
    )
    return sorted(rows, key=lambda row: row.name)


def _families(collector: Collector) -> Iterable[Metric]:
    # `describe` is optional, and there where collecting costs something.
    describe: Callable[[], Iterable[Metric]] = getattr(collector, "describe", collector.collect)
    return describe()


def _labels(described: object) -> tuple[str, ...]:
    return tuple(getattr(described, "_labelnames", ()))
