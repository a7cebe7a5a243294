"""Pairs of values that cannot work together are refused with a sentence that says what to do."""

import re

import pytest

from .render import CHART, refusal, render

URL = ["https://halftone.example.org"]
ROUTE = {"enabled": True, "parentRefs": [{"name": "public"}]}
INGRESS = {"enabled": True, "hosts": ["halftone.example.org"]}
POOLS = {"resources": {"requests": {"memory": "1Gi"}, "limits": {"memory": "2Gi"}}}
CASES: dict[str, dict[str, object]] = {
    "set one of them to false": {"publicUrls": URL, "edge": {"httpRoute": ROUTE, "ingress": INGRESS}},
    "set it to the addresses that people will open": {"edge": {"ingress": INGRESS}},
    "name the Gateway": {"publicUrls": URL, "edge": {"httpRoute": {"enabled": True}}},
    "name the host": {"publicUrls": URL, "edge": {"ingress": {"enabled": True}}},
    "set database.external.url, or database.existingSecret": {"database": {"mode": "external"}},
    "set database.mode to external": {"database": {"external": {"url": "postgresql://a@b/c"}}},
    "set redis.external.brokerUrl, or redis.existingSecret": {"redis": {"mode": "external"}},
    "set redis.mode to external": {"redis": {"external": {"busUrl": "redis://b"}}},
    "give the cache a server of its own": {
        "redis": {"mode": "external", "external": {"brokerUrl": "redis://a", "cacheUrl": "redis://a"}}
    },
    "set objectStorage.mode to external": {"objectStorage": {"endpoint": "https://s3.example.org"}},
    "set both, or neither": {"objectStorage": {"mode": "external", "accessKey": "only"}},
    "set that port too": {"objectStorage": {"mode": "external", "endpoint": "http://minio.stores:9000"}},
    "enable one pool at least": {"computeCpu": {"enabled": False}},
    "set gpu.count to 1": {"gpu": {"enabled": True, "count": 2, "resourceName": "nvidia.com/gpu.shared"}},
    "name a label of the nodes with cards": {"gpu": {"enabled": True, "prePull": True}},
    "set autoscaling.keda.prometheusUrl": {"autoscaling": {"mode": "keda"}},
    "raise max or lower min": {"gateway": {"autoscaling": {"min": 30}}},
    "set computeTls.existingSecret to one with the keys": {"computeTls": {"mode": "existing"}},
    "set computeTls.mode to existing": {"computeTls": {"existingSecret": "mine"}},
    "set both to one value": {"computeCpu": POOLS},
    "make the volume larger": {"computeGpu": {"cache": {"bytes": "2Ti"}}},
}


@pytest.mark.parametrize("advice", CASES)
def test_a_pair_that_cannot_work_is_refused_with_advice(advice: str) -> None:
    assert advice in refusal(**CASES[advice])


def test_slices_of_a_card_do_not_add_up() -> None:
    said = refusal(gpu={"enabled": True, "count": 2, "resourceName": "nvidia.com/mig-1g.10gb"})
    assert "gpu.count is 2 with gpu.resourceName nvidia.com/mig-1g.10gb; set gpu.count to 1" in said


@pytest.mark.parametrize(
    ("address", "port"),
    [
        ("postgresql://a:b@db.example.org:5433/c?sslmode=require", 5433),
        ("postgresql://a:6432@one:5432,two:5434/c", 5434),
        ("postgresql://a:b@[fd00::1]:5435/c", 5435),
    ],
)
def test_a_policy_that_would_refuse_an_address_is_told(address: str, port: int) -> None:
    outside: dict[str, object] = {"mode": "external", "external": {"url": address}}
    said = refusal(database=outside)
    assert f"database.external.url leads to port {port}, while networkPolicy.external.database.port is 5432;" in said
    for policy in (
        {"external": {"database": {"port": port}}},
        {"enabled": False},
        {"extraEgress": [{"ports": [{"port": port}]}]},
    ):
        assert render(database=outside, networkPolicy=policy).objects


def test_every_refusal_has_its_case() -> None:
    source = (CHART / "templates" / "_validate.tpl").read_text().partition('define "halftone.renamed"')[0]
    messages = re.findall(r'fail (?:\(printf )?"([^"]+)"', source)
    assert len(messages) == source.count("{{- fail ") == len(CASES)
    formless = [re.sub(r"%[sd]", "", message) for message in messages]
    assert all(any(advice in message for message in formless) for advice in CASES)
    assert all(message.endswith(".") for message in messages)
