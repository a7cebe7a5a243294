"""What Prometheus would read from the running services."""

import importlib
from collections.abc import Iterator

import httpx2
from prometheus_client import REGISTRY
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from .product import Product

SERVICES = ("AUTH", "GATEWAY", "COMPUTE_METRICS", "WORKER_METRICS")
MODULES = ("halftone_gateway.metrics", "halftone_compute.metrics", "halftone_compute.ingest.metrics")
ENDINGS = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}


def scrape(product: Product) -> dict[str, set[str]]:
    """Name of each series of ours → the labels it has.

    A series that nothing has happened to yet is announced without a sample: its labels come from its declaration.
    """
    declared = dict(_declared())
    found: dict[str, set[str]] = {}
    for service in SERVICES:
        answer = httpx2.get(f"http://127.0.0.1:{product.ports[service]}/metrics", timeout=60)
        for family in text_string_to_metric_families(answer.raise_for_status().text):
            if family.name.startswith("halftone_"):
                found |= _series(family, declared.get(family.name, set()))
    return found


def _series(family: Metric, declared: set[str]) -> dict[str, set[str]]:
    announced = {f"{family.name}{ending}": declared for ending in ENDINGS.get(family.type, ())}
    return announced | {sample.name: set(sample.labels) for sample in family.samples}


def _declared() -> Iterator[tuple[str, set[str]]]:
    modules = [importlib.import_module(name) for name in MODULES]
    here = [value for module in modules for value in vars(module).values()]
    for metric in (*here, *REGISTRY._collector_to_names):
        if isinstance(metric, MetricWrapperBase):
            yield metric._name, set(metric._labelnames)
