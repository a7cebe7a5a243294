"""Metrics that a test sets: the custom metrics API by the adapter that its library is tested with, CPU by `usage`."""

import contextlib
import json
import logging
import os
import signal
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kubernetes import client, config
from urllib3.exceptions import HTTPError

from . import aggregated
from .bridge import Bridge
from .controlplane import ControlPlane
from .namespace import Process  # noqa: TC001 - as its siblings
from .tools import program
from .until import until
from .usage import stays

PROGRAMS = ("test-adapter",)
ROOT = Path(__file__).parents[2]
CONTROLLERS = "kube-controller-manager"
GROUP = "custom.metrics.k8s.io"
READER = "horizontal-pod-autoscaler"

log = logging.getLogger(__name__)


class Metrics:
    """`write` sets a value of a pod, `spread` keeps a total spread over pods, `stop` is an outage, `start` its end."""

    def __init__(self, plane: ControlPlane) -> None:
        self.plane = plane
        self._adapter: Process | None = None
        self._usage: Process | None = None
        self._controllers = next(one.pid for one in plane.namespace.processes() if one.name == CONTROLLERS)
        self._held = threading.Lock()
        self._bridge = Bridge(plane.namespace.path, ("127.0.0.1", 8080))
        self.core: Any = client.CoreV1Api(config.new_client_from_config(str(plane.outside)))  # type: ignore[no-untyped-call]
        plane.apply(*may_read(READER))

    def start(self) -> None:
        """Starts the adapter, which knows no value yet, and waits until the autoscaler could ask it."""
        flags = aggregated.certificate(self.plane, "custom-metrics")
        config = self.plane.kubeconfig
        roles = ("lister-kubeconfig", "authentication-kubeconfig", "authorization-kubeconfig")
        configs = [f"--{role}={config}" for role in roles]
        command = [program("test-adapter"), "--secure-port=6444", *flags, *configs]
        self._adapter = self.plane.spawn("custom-metrics", command)
        aggregated.register(self.plane, GROUP, "v1beta2", "custom-metrics", 6444)
        path = f"/apis/{GROUP}/v1beta2"
        until(lambda: not self.plane.try_kubectl("get", "--raw", path).returncode, "the adapter answers", every=0.1)
        until(self._takes_values, "the adapter takes values", every=0.1)

    def stop(self) -> None:
        """Kills the adapter: no custom metric can be had. What was written is forgotten."""
        if self._adapter:
            self._adapter.end()

    def start_usage(self) -> None:
        """Serves metrics.k8s.io: what each container uses is what `use` says, for fake pods use nothing themselves."""
        self.use({})
        aggregated.certificate(self.plane, "usage")
        command = [
            sys.executable,
            "-m",
            "tests.cluster.usage",
            self.plane.state,
            self.plane.kubeconfig,
        ]
        self._usage = self.plane.spawn("usage", command, {"PYTHONPATH": str(ROOT)})
        aggregated.register(self.plane, "metrics.k8s.io", "v1beta1", "usage", 6445)

    def use(self, millicores: dict[str, int]) -> None:
        """Says how much CPU the containers of a name use together, in every release; one that is not named uses 1m."""
        new = self.plane.state / "usage.new"
        new.write_text(json.dumps(millicores))
        new.replace(self.plane.state / "usage.json")

    def write(self, namespace: str, pod: str, metric: str, quantity: str) -> None:
        """Sets the value of a pod's metric."""
        url = f"http://127.0.0.1:{self._bridge.port}/write-metrics/namespaces/{namespace}/pods/{pod}/{metric}"
        body = json.dumps(quantity).encode()
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"}, method="POST")
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            answer.read()

    def _takes_values(self) -> bool:
        """Whether the adapter listens for values, too: that port is another one than that of the metrics API."""
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self._bridge.port}/", timeout=10).close()
        except urllib.error.HTTPError as answer:
            answer.close()
        except OSError:
            return False
        return True

    @contextlib.contextmanager
    def at_once(self) -> Iterator[None]:
        """What is written meanwhile is seen whole, as a scrape is: the autoscaler, which looks each second, is held."""
        with self._held:
            os.kill(self._controllers, signal.SIGSTOP)
            try:
                yield
            finally:
                os.kill(self._controllers, signal.SIGCONT)

    @contextlib.contextmanager
    def spread(self, namespace: str, selector: str, metric: str) -> Iterator["Spread"]:
        """Load as it is: a total that the ready pods of a selector share evenly, new ones as soon as they are there."""
        load = Spread(self, namespace, selector, metric)
        try:
            yield load
        finally:
            load.end()

    def close(self) -> None:
        """Ends adapter, usage and the way to them."""
        for process in (self._adapter, self._usage):
            if process:
                process.end()
        self._bridge.close()
        self.core.api_client.close()


class Spread:
    """Writes total/pods to every pod, again and again; `total` in thousandths may be set at any time."""

    def __init__(self, metrics: Metrics, namespace: str, selector: str, metric: str) -> None:
        self.total = 0
        self._metrics, self._metric = metrics, metric
        self._namespace, self._selector = namespace, selector
        self._written: dict[str, int] = {}
        self._ended = threading.Event()
        self._writing = threading.Lock()
        self._thread = threading.Thread(target=self._run, name=f"spread {metric}", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stops writing; the last values stay."""
        self._ended.set()
        self._thread.join(30)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Writes nothing meanwhile, and everything again afterwards."""
        with self._writing:
            yield
            self._written = {}

    def _run(self) -> None:
        while not self._ended.wait(0.3):
            with self._writing:
                try:
                    self._share()
                except (OSError, HTTPError) as error:
                    log.warning("%s is written again in a moment: %r", self._metric, error)

    def _share(self) -> None:
        names = self._pods()
        values = {name: self.total // len(names) for name in names}
        if values == self._written:
            return
        with self._metrics.at_once():
            for name, value in values.items():
                self._metrics.write(self._namespace, name, self._metric, f"{value}m")
        self._written = values

    def _pods(self) -> list[str]:
        listed = self._metrics.core.list_namespaced_pod(
            self._namespace, label_selector=self._selector, _preload_content=False
        )
        if listed.status != 200:
            raise OSError(f"the API server answers with status {listed.status}")
        return [pod["metadata"]["name"] for pod in json.loads(listed.data)["items"] if stays(pod)]


def may_read(account: str) -> list[dict[str, object]]:
    """Lets a service account of kube-system read custom metrics, as an adapter's own manifests do."""
    rule = {"apiGroups": [GROUP], "resources": ["*"], "verbs": ["get", "list"]}
    name = {"name": f"{account}-custom-metrics"}
    group = "rbac.authorization.k8s.io"
    return [
        {"apiVersion": f"{group}/v1", "kind": "ClusterRole", "metadata": name, "rules": [rule]},
        {
            "apiVersion": f"{group}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": name,
            "roleRef": {"apiGroup": group, "kind": "ClusterRole", **name},
            "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": "kube-system"}],
        },
    ]
