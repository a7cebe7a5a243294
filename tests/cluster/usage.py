"""The resource metrics API for pods that run nowhere: `python -m tests.cluster.usage STATE KUBECONFIG`.

What is used is read from STATE/usage.json at every question: {"gateway": 700} means that the containers of this name
use 700 millicores together, each pod that is asked about an even share; a container that is not named there uses one.
"""

import datetime
import json
import ssl
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from kubernetes import client, config
from typing_extensions import override

from tests.cluster.namespace import ADDRESS

PORT = 6445
VERSION = "metrics.k8s.io/v1beta1"
RESOURCES = [
    {"name": name, "singularName": "", "namespaced": name == "pods", "kind": kind, "verbs": ["get", "list"]}
    for name, kind in (("pods", "PodMetrics"), ("nodes", "NodeMetrics"))
]


class Handler(BaseHTTPRequestHandler):
    """Answers discovery, and lists of pods by selector, as the autoscaler asks for them."""

    protocol_version = "HTTP/1.1"
    state: Path
    core: Any

    def do_GET(self) -> None:
        """Everything else is not found, which the API server understands."""
        asked = urlsplit(self.path)
        parts = asked.path.strip("/").split("/")
        if parts == ["apis", *VERSION.split("/")]:
            self._answer(200, {"kind": "APIResourceList", "groupVersion": VERSION, "resources": RESOURCES})
        elif parts[3:4] == ["namespaces"] and parts[5:] == ["pods"]:
            selector = parse_qs(asked.query).get("labelSelector", [""])[0]
            self._answer(200, self._usage(parts[4], selector))
        else:
            self._answer(404, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 404})

    @override
    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing: the autoscaler asks each second."""

    def _usage(self, namespace: str, selector: str) -> dict[str, Any]:
        used = json.loads((self.state / "usage.json").read_text())
        listed = self.core.list_namespaced_pod(namespace, label_selector=selector, _preload_content=False)
        pods = [pod for pod in json.loads(listed.data)["items"] if stays(pod)]
        now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        items = [
            {
                "metadata": {key: pod["metadata"].get(key) for key in ("name", "namespace", "labels")},
                "timestamp": now,
                "window": "1s",
                "containers": [
                    {"name": one["name"], "usage": {"cpu": share(used, one["name"], len(pods)), "memory": "1Mi"}}
                    for one in pod["spec"]["containers"]
                ],
            }
            for pod in pods
        ]
        return {"kind": "PodMetricsList", "apiVersion": VERSION, "metadata": {}, "items": items}

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def stays(pod: dict[str, Any]) -> bool:
    """Whether a pod runs and is not going away: only those share the work."""
    return pod["status"]["phase"] == "Running" and not pod["metadata"].get("deletionTimestamp")


def share(used: dict[str, int], container: str, pods: int) -> str:
    """What one of so many containers uses, as a quantity of CPU."""
    return f"{used[container] * 1000 // pods}u" if container in used else "1m"


def main() -> None:
    """Serves until it is ended."""
    Handler.state = Path(sys.argv[1])
    config.load_kube_config(sys.argv[2])  # type: ignore[no-untyped-call]
    Handler.core = client.CoreV1Api()
    server = ThreadingHTTPServer((ADDRESS, PORT), Handler)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(Handler.state / "pki" / "usage.crt", Handler.state / "pki" / "usage.key")
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
