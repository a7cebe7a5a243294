"""The chart's monitors point at ports that its pods and Services have; rules and dashboards are those of the files."""

import json
import subprocess
from functools import cache
from typing import Any

import pytest
import yaml

from tests.cluster.tools import program

from . import watched

ON = [f"monitoring.{name}.enabled=true" for name in ("podMonitor", "serviceMonitor", "prometheusRule", "dashboards")]


@cache
def rendered(*settings: str) -> list[dict[str, Any]]:
    flags = [word for setting in settings for word in ("--set", setting)]
    command = [str(program("helm")), "template", "halftone", str(watched.CHART), *flags]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [one for one in yaml.safe_load_all(done.stdout) if one]


def component(one: dict[str, Any]) -> str:
    return str(one["metadata"]["labels"].get("app.kubernetes.io/component"))


def monitors(kind: str) -> list[dict[str, Any]]:
    return [one for one in rendered(*ON, "gpu.enabled=true") if one["kind"] == kind]


def test_nothing_of_it_without_being_asked() -> None:
    kinds = {one["kind"] for one in rendered()}
    assert not kinds & {"PodMonitor", "ServiceMonitor", "PrometheusRule"}
    assert not [one for one in rendered() if component(one).startswith("dashboard")]


def test_pod_monitors_name_ports_of_pods() -> None:
    pods = {component(one): one for one in rendered(*ON, "gpu.enabled=true") if one["kind"] == "Deployment"}
    found = {component(one): one["spec"]["podMetricsEndpoints"][0]["port"] for one in monitors("PodMonitor")}
    assert set(found) == {"compute-cpu", "compute-gpu", "ingest-worker"}
    for name, port in found.items():
        containers = pods[name]["spec"]["template"]["spec"]["containers"]
        assert port in [one["name"] for container in containers for one in container["ports"]]


def test_service_monitors_name_ports_of_services() -> None:
    services = {component(one): one for one in rendered(*ON, "gpu.enabled=true") if one["kind"] == "Service"}
    found = {component(one): one for one in monitors("ServiceMonitor")}
    assert set(found) == {"auth", "gateway"}
    for name, monitor in found.items():
        assert monitor["spec"]["endpoints"][0]["port"] in [port["name"] for port in services[name]["spec"]["ports"]]
        labels = services[name]["metadata"]["labels"]
        assert monitor["spec"]["selector"]["matchLabels"].items() <= labels.items()


def test_rules_arrive_as_they_are() -> None:
    assert monitors("PrometheusRule")[0]["spec"] == yaml.safe_load(watched.RULES.read_text())


@pytest.mark.parametrize("name", ["people", "compute", "jobs"])
def test_dashboards_arrive_as_they_are(name: str) -> None:
    maps = {component(one): one["data"] for one in monitors("ConfigMap")}
    text = (watched.DASHBOARDS / f"{name}.json").read_text()
    assert json.loads(maps[f"dashboard-{name}"][f"{name}.json"]) == json.loads(text)
