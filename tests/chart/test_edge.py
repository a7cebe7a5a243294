"""The way in: one route or one Ingress, the same paths as the web server has, for any controller."""

import pytest

from .render import matrix, render

WAYS = {
    "/api": ("halftone-auth", 8000), "/admin": ("halftone-auth", 8000), "/.well-known": ("halftone-auth", 8000),
    # Only services may ask there; web's nginx answers that there is no such page.
    "/api/internal": ("halftone-web", 3000),
    "/ws": ("halftone-gateway", 8001), "/compute": ("halftone-gateway", 8001), "/": ("halftone-web", 3000),
}  # fmt: skip


def test_the_default_has_no_edge() -> None:
    assert not matrix("default").of("HTTPRoute") + matrix("default").of("Ingress")
    assert (
        matrix("default").environment("auth")["HALFTONE_ALLOWED_ORIGINS"]
        == "http://localhost:3000,http://127.0.0.1:3000"
    )


def test_a_route_of_the_gateway_api() -> None:
    route = matrix("everything-on").one("HTTPRoute", "halftone")
    assert route["apiVersion"] == "gateway.networking.k8s.io/v1"
    assert route["spec"]["parentRefs"] == [{"name": "public", "namespace": "gateways"}]
    assert route["spec"]["hostnames"] == ["halftone.example.org"]
    assert route["metadata"]["annotations"] == {"example.org/owner": "data"}
    ways = {}
    for rule in route["spec"]["rules"]:
        (backend,) = rule["backendRefs"]
        for match in rule["matches"]:
            assert match["path"]["type"] == "PathPrefix"
            ways[match["path"]["value"]] = (backend["name"], backend["port"])
        # Sockets live as long as their page; other requests keep the bound of the controller.
        forever = {"request": "0s", "backendRequest": "0s"}
        assert rule.get("timeouts") == (forever if backend["name"] == "halftone-gateway" else None)
    assert ways == WAYS


def test_an_ingress_for_any_controller() -> None:
    ingress = matrix("cpu-only").one("Ingress", "halftone")
    (rule,) = ingress["spec"]["rules"]
    assert rule["host"] == "halftone.example.org"
    paths = {path["path"]: path["backend"]["service"] for path in rule["http"]["paths"]}
    assert {path: (service["name"], service["port"]["number"]) for path, service in paths.items()} == WAYS
    assert ingress["spec"]["ingressClassName"] == "traefik"
    assert ingress["spec"]["tls"] == [{"secretName": "halftone-tls", "hosts": ["halftone.example.org"]}]
    assert "annotations" not in ingress["metadata"]


def test_a_bare_ingress_and_a_bare_route() -> None:
    edge = {"ingress": {"enabled": True, "hosts": ["a.example.org"], "annotations": {"a": "b"}}}
    ingress = render(publicUrls=["https://a.example.org"], edge=edge).one("Ingress", "halftone")
    assert not {"ingressClassName", "tls"} & set(ingress["spec"])
    assert ingress["metadata"]["annotations"] == {"a": "b"}
    edge = {"httpRoute": {"enabled": True, "parentRefs": [{"name": "public"}]}}
    route = render(publicUrls=["https://a.example.org"], edge=edge).one("HTTPRoute", "halftone")
    assert "hostnames" not in route["spec"]


@pytest.mark.parametrize(
    ("service", "protocol"),
    [("gateway", "kubernetes.io/ws"), ("auth", "http"), ("web", "http")],
)
def test_services_say_what_they_speak(service: str, protocol: str) -> None:
    (port,) = matrix("default").one("Service", f"halftone-{service}")["spec"]["ports"]
    assert port["appProtocol"] == protocol


def test_every_service_leads_to_a_port_that_listens() -> None:
    release = matrix("gpu")
    for service in release.of("Service"):
        component = service["spec"]["selector"]["app.kubernetes.io/component"]
        listens = {port["name"]: port["containerPort"] for port in release.pod(component).main()["ports"]}
        for port in service["spec"]["ports"]:
            assert listens[port["targetPort"]] == port["port"]


def test_origins_and_hosts() -> None:
    environment = matrix("everything-on").environment("auth")
    assert environment["HALFTONE_ALLOWED_ORIGINS"] == "https://halftone.example.org"
    hosts = environment["HALFTONE_ALLOWED_HOSTS"].split(",")
    # Probes and scrapes come with the pod's address, other services with a name inside the cluster.
    assert {"$(POD_IP)", "halftone-auth", "halftone-web", "halftone-auth.pictures.svc"} <= set(hosts)
    assert matrix("everything-on").environment("gateway")["HALFTONE_ALLOWED_ORIGINS"] == "https://halftone.example.org"


def test_the_web_server_knows_the_services_of_its_release() -> None:
    file = str(matrix("default").ask("ConfigMap", "halftone-web", 'data."site.conf"'))
    assert "upstream auth { server halftone-auth:8000; }" in file
    assert "upstream gateway { server halftone-gateway:8001; }" in file
    assert "10.0.0.0/8 1;" in file


@pytest.mark.parametrize(
    ("override", "first"),
    [("", "halftone"), ("pictures", "pictures")],
)
def test_names_follow_the_release(override: str, first: str) -> None:
    names = render(fullnameOverride=override).names("Deployment")
    assert f"{first}-gateway" in names
