"""T1: what the pods of a release may ask of the Kubernetes API. One of them may ask one thing, the others nothing."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from .chart import matrix, pod_of, rendered
from .controlplane import ControlPlane
from .until import until

pytestmark = pytest.mark.cluster

ALL_ON = next((path for path in matrix() if path.stem == "everything-on"), Path())
ACCESS = ("ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding", "PriorityClass")
GATEWAY = "halftone-gateway"
# (account, verb, resource, in its own namespace) → allowed
TABLE = [
    (GATEWAY, "get", "endpointslices.discovery.k8s.io", True, True),
    (GATEWAY, "list", "endpointslices.discovery.k8s.io", True, True),
    (GATEWAY, "watch", "endpointslices.discovery.k8s.io", True, True),
    (GATEWAY, "create", "endpointslices.discovery.k8s.io", True, False),
    (GATEWAY, "delete", "endpointslices.discovery.k8s.io", True, False),
    (GATEWAY, "list", "endpointslices.discovery.k8s.io", False, False),
    (GATEWAY, "list", "pods", True, False),
    (GATEWAY, "get", "secrets", True, False),
    (GATEWAY, "get", "nodes", True, False),
    ("halftone-auth", "list", "endpointslices.discovery.k8s.io", True, False),
    ("halftone-auth", "get", "secrets", True, False),
    ("halftone-compute-cpu", "list", "endpointslices.discovery.k8s.io", True, False),
    ("halftone-compute-cpu", "list", "pods", True, False),
    ("halftone-ingest-worker", "get", "secrets", True, False),
]


@pytest.fixture
def release(kinds: ControlPlane, room: str) -> list[dict[str, Any]]:
    """Everything on, rendered; accounts and rights are there for real."""
    objects = rendered("helm", ALL_ON, room)
    kinds.apply(*(found for found in objects if found["kind"] in ACCESS), namespace=room)
    # The authorizer sees new rights a moment after they are stored.
    watch = ("watch", "endpointslices.discovery.k8s.io", room)
    until(lambda: may(kinds, f"{room}:{GATEWAY}", *watch), "the gateway's right to watch is in force")
    return objects


def test_access_is_as_the_table_says(kinds: ControlPlane, room: str, release: list[dict[str, Any]]) -> None:
    assert release
    answers = [
        (account, verb, resource, own, may(kinds, f"{room}:{account}", verb, resource, room if own else "default"))
        for account, verb, resource, own, _ in TABLE
    ]
    assert answers == TABLE


def test_accounts_have_no_other_right(kinds: ControlPlane, room: str, release: list[dict[str, Any]]) -> None:
    accounts = [found["metadata"]["name"] for found in release if found["kind"] == "ServiceAccount"]
    assert GATEWAY in accounts
    assert len(accounts) > 5
    of_all = rights(kinds, room, "default")
    more = {name: [rule for rule in rights(kinds, room, name) if rule not in of_all] for name in accounts}
    slices = [{"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": ["get", "list", "watch"]}]
    assert {name: rules for name, rules in more.items() if rules} == {GATEWAY: slices}


def test_one_pod_gets_a_token(kinds: ControlPlane, room: str, release: list[dict[str, Any]]) -> None:
    with_token = set()
    for pod in filter(None, map(pod_of, release)):
        pod["spec"].pop("priorityClassName", None)
        options = [f"--namespace={room}", "--dry-run=server", "-o", "json", "-f", "-"]
        admitted = json.loads(kinds.kubectl("create", *options, given=yaml.safe_dump(pod)))
        sources = [
            source
            for volume in admitted["spec"].get("volumes", [])
            for source in volume.get("projected", {}).get("sources", [])
        ]
        if any("serviceAccountToken" in source for source in sources):
            with_token.add(pod["metadata"]["name"])
    assert with_token == {f"deployment-{GATEWAY}"}


def may(plane: ControlPlane, account: str, verb: str, resource: str, namespace: str) -> bool:
    """`kubectl auth can-i`."""
    who = f"--as=system:serviceaccount:{account}"
    return plane.try_kubectl("auth", "can-i", verb, resource, who, f"--namespace={namespace}").stdout.strip() == "yes"


def rights(plane: ControlPlane, namespace: str, account: str) -> list[dict[str, Any]]:
    """Every rule about resources that holds for an account in its namespace, from whichever binding."""
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectRulesReview",
        "spec": {"namespace": namespace},
    }
    groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated")
    who = [f"--as=system:serviceaccount:{namespace}:{account}", *(f"--as-group={group}" for group in groups)]
    answer = json.loads(
        plane.kubectl("create", "--validate=false", "-o", "json", "-f", "-", *who, given=yaml.safe_dump(review))
    )
    rules: list[dict[str, Any]] = answer["status"]["resourceRules"]
    return [rule | {"verbs": sorted(rule["verbs"])} for rule in rules]
