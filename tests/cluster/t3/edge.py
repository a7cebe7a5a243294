"""The edge of the cluster: Debian's nginx in front of the Services, its locations made from the chart's own route.

It stands where an Ingress or Gateway controller stands in a real cluster, and knows no more than one: paths, Services,
a host name and a certificate.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.cluster.controlplane import ControlPlane

NGINX = os.environ.get("HALFTONE_NGINX", "/usr/sbin/nginx")
CONFIG = """\
daemon off;
user root;
pid {folder}/nginx.pid;
error_log stderr warn;
worker_processes 1;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    scgi_temp_path {folder}/scgi;
    uwsgi_temp_path {folder}/uwsgi;
    map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
    server {{
        listen {address}:443 ssl;
        server_name {host};
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        client_max_body_size 0;
        proxy_http_version 1.1;
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_set_header X-Forwarded-Proto https;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;
        proxy_read_timeout 1h;
        proxy_send_timeout 1h;
        proxy_buffering off;
        proxy_request_buffering off;
{locations}
    }}
}}
"""


@dataclass(frozen=True)
class Route:
    """Requests for `path` and all below it go to a port of a Service."""

    path: str
    service: str
    port: int


def routes(route: dict[str, Any]) -> Iterator[Route]:
    """The routes of an Ingress or HTTPRoute."""
    for rule in route["spec"]["rules"]:
        if route["kind"] == "Ingress":
            for each in rule["http"]["paths"]:
                assert each["pathType"] == "Prefix", each
                backend = each["backend"]["service"]
                yield Route(each["path"], backend["name"], backend["port"]["number"])
        else:
            (backend,) = rule["backendRefs"]
            for match in rule["matches"]:
                assert match["path"]["type"] == "PathPrefix", match
                yield Route(match["path"]["value"], backend["name"], backend["port"])


def hosts(route: dict[str, Any]) -> list[str]:
    """Host names of an Ingress or HTTPRoute."""
    if route["kind"] == "Ingress":
        return [rule["host"] for rule in route["spec"]["rules"]]
    return list(route["spec"]["hostnames"])


def locations(found: list[Route], addresses: dict[str, str]) -> str:
    """nginx's locations for routes; a prefix means whole segments: /api is /api and /api/..., never /apiary."""
    lines = []
    for route in found:
        target = f"proxy_pass http://{addresses[route.service]}:{route.port};"
        prefix = route.path.rstrip("/")
        if prefix:
            lines.append(f"location = {prefix} {{ {target} }}")
        lines.append(f"location {prefix}/ {{ {target} }}")
    return "\n".join(f"        {line}" for line in lines)


def start(plane: ControlPlane, route: dict[str, Any]) -> str:
    """Start nginx for a route object of the cluster, with a certificate of the cluster's CA; return its host."""
    (host,) = hosts(route)
    folder = plane.state / "edge"
    folder.mkdir(exist_ok=True)
    plane.pki.issue("edge", host, hosts=(host,))
    namespace = route["metadata"]["namespace"]
    services = plane.get("services", f"--namespace={namespace}")
    addresses = {each["metadata"]["name"]: each["spec"]["clusterIP"] for each in services}
    config = folder / "nginx.conf"
    config.write_text(
        CONFIG.format(
            folder=folder,
            address=plane.address,
            host=host,
            certificate=plane.pki.crt("edge"),
            key=plane.pki.key("edge"),
            locations=locations(list(routes(route)), addresses),
        )
    )
    plane.spawn("edge", [NGINX, "-e", "stderr", "-c", config])
    return host
