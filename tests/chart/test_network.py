"""Who may reach whom, worked out from the rendered policies as a network would, is exactly the table written here."""

from collections.abc import Iterator
from typing import Any

import pytest

from .render import MATRIX, Release, matrix, render

Row = tuple[str, str, int]
POLICED = [name for name in MATRIX if name not in ("cpu-only", "tilt")]
DEFAULT: set[Row] = {
    ("anybody", "web", 3000),
    ("web", "auth", 8000), ("web", "gateway", 8001), ("test", "web", 3000),
    ("gateway", "auth", 8000), ("gateway", "compute-cpu", 50051), ("gateway", "valkey", 6379),
    ("gateway", "valkey-cache", 6379), ("gateway", "0.0.0.0/0", 443), ("gateway", "0.0.0.0/0", 6443),
    ("auth", "postgres", 5432), ("auth", "valkey", 6379), ("auth", "valkey-cache", 6379), ("auth", "objects", 7070),
    ("auth-worker", "postgres", 5432), ("auth-worker", "valkey", 6379), ("auth-worker", "valkey-cache", 6379),
    ("auth-worker", "objects", 7070),
    ("beat", "postgres", 5432), ("beat", "valkey", 6379), ("beat", "valkey-cache", 6379),
    ("migrate", "postgres", 5432),
    ("ingest-worker", "auth", 8000), ("ingest-worker", "valkey", 6379), ("ingest-worker", "objects", 7070),
    ("compute-cpu", "auth", 8000), ("compute-cpu", "objects", 7070),
    ("namespaces", "auth", 8000), ("namespaces", "gateway", 8001), ("namespaces", "compute-cpu", 9101),
    ("namespaces", "ingest-worker", 9102),
}  # fmt: skip


def peer(peer: dict[str, Any]) -> str:
    """One peer of a rule in a word."""
    if "ipBlock" in peer:
        return str(peer["ipBlock"]["cidr"])
    if "namespaceSelector" in peer:
        labels = peer["namespaceSelector"].get("matchLabels", {})
        return next(iter(labels.values()), "namespaces")
    labels = peer["podSelector"]["matchLabels"]
    return str(labels.get("app.kubernetes.io/component") or labels["cnpg.io/cluster"])


def rules(release: Release, direction: str) -> Iterator[Row]:
    """(component, peer, port) of one direction, for the policies of single components."""
    side = {"ingress": "from", "egress": "to"}[direction]
    for policy in release.of("NetworkPolicy"):
        component = policy["spec"]["podSelector"]["matchLabels"].get("app.kubernetes.io/component")
        for rule in policy["spec"].get(direction) or []:
            for port in rule["ports"] if component else []:
                for one in rule.get(side, [None]):
                    yield str(component), "anybody" if one is None else peer(one), port["port"]


def reachable(release: Release) -> set[Row]:
    """(from, to, port): inside, both ends must agree; outside, our end alone decides."""
    inside = {pod.component for pod in release.pods()}
    out = {(one, other, port) for one, other, port in rules(release, "egress")}
    into = {(other, one, port) for one, other, port in rules(release, "ingress")}
    both = {row for row in out & into if row[0] in inside and row[1] in inside}
    leaving = {row for row in out if row[1] not in inside}
    return both | leaving | {row for row in into if row[0] not in inside}


def test_the_default_lets_through_what_is_needed_and_nothing_else() -> None:
    assert reachable(matrix("default")) == DEFAULT


@pytest.mark.parametrize("name", POLICED)
def test_both_ends_of_every_way_agree(name: str) -> None:
    release = matrix(name)
    inside = {pod.component for pod in release.pods()}
    out = {row for row in rules(release, "egress") if row[1] in inside}
    into = {(other, one, port) for one, other, port in rules(release, "ingress") if other in inside}
    assert out == into


@pytest.mark.parametrize("name", POLICED)
def test_everything_else_is_refused(name: str) -> None:
    release = matrix(name)
    first = "pictures" if name == "platform" else "halftone"
    closed = release.one("NetworkPolicy", f"{first}-deny-all")["spec"]
    every_pod = {"app.kubernetes.io/name": "halftone", "app.kubernetes.io/instance": "halftone"}
    assert closed == {"podSelector": {"matchLabels": every_pod}, "policyTypes": ["Ingress", "Egress"]}
    for pod in release.pods():
        assert every_pod.items() <= pod.labels.items()
    dns = release.one("NetworkPolicy", f"{first}-dns")["spec"]
    assert dns["podSelector"]["matchLabels"] == every_pod
    assert dns["egress"][0]["ports"] == [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]


@pytest.mark.parametrize("name", MATRIX)
def test_every_port_that_is_opened_is_one_that_listens(name: str) -> None:
    release = matrix(name)
    for component, _, port in rules(release, "ingress"):
        box = release.pod(component).main()
        assert port in [listens["containerPort"] for listens in box["ports"]], component


def test_policies_can_be_turned_off() -> None:
    assert not matrix("cpu-only").of("NetworkPolicy")
    assert not matrix("tilt").of("NetworkPolicy")


def test_an_edge_opens_the_services_behind_it() -> None:
    found = reachable(matrix("everything-on"))
    assert {("gateways", "web", 3000), ("gateways", "auth", 8000), ("gateways", "gateway", 8001)} <= found
    assert {("monitoring", "compute-gpu", 9101), ("gateway", "10.96.0.1/32", 443)} <= found
    assert ("anybody", "web", 3000) not in found
    # Where traces go, and what the person added for all.
    assert {("auth", "namespaces", 4317), ("compute-gpu", "namespaces", 4317)} <= found
    dns = matrix("everything-on").one("NetworkPolicy", "halftone-dns")["spec"]["egress"]
    assert dns[0]["to"] == [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}}]
    assert dns[1]["ports"] == [{"port": 8080, "protocol": "TCP"}]


@pytest.mark.parametrize(
    ("endpoint", "port"), [("http://collector2", 4317), ("http://collector2:4318/", 4318), ("http://one", 4317)]
)
def test_traces_leave_by_the_port_of_their_address(endpoint: str, port: int) -> None:
    assert ("auth", "namespaces", port) in reachable(render(telemetry={"otlpEndpoint": endpoint}))


def test_what_lies_outside_is_reached_by_address() -> None:
    found = reachable(matrix("external-db"))
    ours = ("auth", "auth-worker", "beat", "migrate")
    assert {(one, "10.20.0.0/16", 5432) for one in ours} <= found
    assert {(one, "10.20.0.0/16", 6380) for one in ("auth", "gateway", "ingest-worker")} <= found
    assert {(one, "0.0.0.0/0", 443) for one in ("auth", "compute-cpu", "ingest-worker")} <= found
    assert ("auth", "halftone-postgres", 5432) in reachable(matrix("cnpg"))


def test_a_gateway_that_goes_by_names_does_not_reach_the_api() -> None:
    found = reachable(render(gateway={"discovery": "dns"}))
    assert not [row for row in found if row[0] == "gateway" and row[2] in (443, 6443)]
