"""Every metric that a scaler, an alert, a dashboard or a document reads is there, with the labels it is read by."""

import subprocess
from collections.abc import Iterable

import pytest
import yaml

from tests.cluster.tools import program
from tests.watch import watched
from tests.watch.promql import Read

from .product import Product
from .scrape import scrape

MODES = ("custom-metrics", "keda")

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def series(product: Product) -> dict[str, set[str]]:
    return scrape(product)


def missing(reads: Iterable[Read], series: dict[str, set[str]]) -> list[str]:
    return sorted(
        {
            f"{read.metric}{sorted(read.labels) or ''}"
            for read in reads
            if read.metric not in series or not read.labels <= series[read.metric]
        }
    )


def scalers(mode: str) -> list[Read]:
    """What the chart's scalers read."""
    values = watched.CHART / "ci" / f"{mode}.yaml"
    command = [str(program("helm")), "template", "halftone", str(watched.CHART), "--values", str(values)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return watched.of_scalers([one for one in yaml.safe_load_all(done.stdout) if one])


def test_alerts_read_what_is_there(series: dict[str, set[str]]) -> None:
    assert not missing(watched.of_rules(), series)


def test_dashboards_read_what_is_there(series: dict[str, set[str]]) -> None:
    assert not missing(watched.of_dashboards(), series)


def test_documents_speak_of_what_is_there(series: dict[str, set[str]]) -> None:
    assert len(watched.of_documents()) > 50
    assert not missing(watched.of_documents(), series)


def test_the_adapter_reads_what_is_there(series: dict[str, set[str]]) -> None:
    assert not missing(watched.of_adapter(), series)


@pytest.mark.parametrize("mode", MODES)
def test_scalers_read_what_is_there(series: dict[str, set[str]], mode: str) -> None:
    reads = scalers(mode)
    assert {read.metric for read in reads} == {"halftone_gateway_ws_connections", "halftone_compute_slot_load"}
    assert not missing(reads, series)


def test_a_misspelt_metric_is_found(series: dict[str, set[str]]) -> None:
    assert missing([Read("halftone_gateway_sockets", frozenset())], series) == ["halftone_gateway_sockets"]
    assert missing([Read("halftone_gateway_errors_total", frozenset({"kind"}))], series)
