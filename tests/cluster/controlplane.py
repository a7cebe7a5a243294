"""A real Kubernetes control plane: etcd, kube-apiserver, kube-controller-manager, kube-scheduler. Up in 6 s."""

import fcntl
import json
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from .bridge import Bridge
from .namespace import ADDRESS, Namespace, Process
from .pki import Pki
from .tools import program
from .until import until

PROGRAMS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl")
SERVER = f"https://{ADDRESS}:6443"
SERVICES = "10.96.0.0/16"
API_HOSTS = (
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "10.96.0.1",
    ADDRESS,
    "127.0.0.1",
    "localhost",
)
# What kubectl says when a part of the control plane stood still for a while: it is asked again, after these pauses.
PASSING = ("etcdserver: ", "TLS handshake timeout", "i/o timeout", "connection refused", "in the time allotted")
PAUSES = (1, 5)


@dataclass(eq=False)
class ControlPlane:
    """What further parts (nodes, metrics, charts) stand on. `spawn` starts them inside; they end with the plane."""

    namespace: Namespace
    pki: Pki
    address: str = ADDRESS
    # Of the administrator, for programs inside the namespace; `outside` is for clients that cannot enter it.
    kubeconfig: Path = field(default_factory=Path)
    outside: Path = field(default_factory=Path)

    @property
    def state(self) -> Path:
        """A folder that goes with the plane."""
        return self.namespace.state

    def spawn(self, name: str, command: Sequence[object], environment: dict[str, str] | None = None) -> Process:
        """Starts a program inside; its log is `state/logs/NAME.log`."""
        return self.namespace.spawn(name, command, environment)

    def kubectl(self, *arguments: str | Path, given: str | None = None) -> str:
        """Runs kubectl as administrator and returns what it prints; raises KubectlFailed."""
        done = self.try_kubectl(*arguments, given=given)
        for pause in PAUSES:
            if not done.returncode or not any(reason in done.stderr for reason in PASSING):
                break
            time.sleep(pause)
            done = self.try_kubectl(*arguments, given=given)
        if done.returncode:
            raise KubectlFailed(f"kubectl {' '.join(map(str, arguments))}: {done.stderr.strip()}")
        return done.stdout

    def try_kubectl(self, *arguments: str | Path, given: str | None = None) -> subprocess.CompletedProcess[str]:
        """Runs kubectl and returns how it went; `given` is its input."""
        command = self.namespace.entering(program("kubectl"), f"--kubeconfig={self.kubeconfig}", *arguments)
        return subprocess.run(command, input=given, capture_output=True, text=True, check=False)

    def apply(self, *objects: dict[str, Any], namespace: str = "default") -> None:
        """Applies objects by server-side apply."""
        self.kubectl("apply", "--server-side", f"--namespace={namespace}", "-f", "-", given=yaml.safe_dump_all(objects))

    def get(self, *arguments: str) -> Any:  # noqa: ANN401 - JSON
        """`kubectl get ... -o json` as data: the object, or the items of a list."""
        found = json.loads(self.kubectl("get", *arguments, "-o", "json"))
        return found["items"] if found["kind"].endswith("List") else found


class KubectlFailed(RuntimeError):  # noqa: N818 - says what happened
    """kubectl ended with an error; the message is its own."""


@contextmanager
def running(name: str, *, admission: str = "NodeRestriction") -> Iterator[ControlPlane]:
    """A control plane in a fresh namespace of this name. What is left of an earlier one is removed first."""
    namespace = Namespace(name)
    bridge = None
    # A second run of the same name waits: it would take this one down.
    lock = namespace.state.with_suffix(".lock")
    lock.parent.mkdir(parents=True, exist_ok=True)
    held = lock.open("w")
    fcntl.flock(held, fcntl.LOCK_EX)
    try:
        namespace.create()
        plane = ControlPlane(namespace, certificates(namespace.state / "pki"))
        start(plane, admission)
        bridge = Bridge(namespace.path, (ADDRESS, 6443))
        outside = plane.state / "outside.kubeconfig"
        plane.outside = plane.pki.kubeconfig("admin", f"https://127.0.0.1:{bridge.port}", outside)
        yield plane
    finally:
        if bridge is not None:
            bridge.close()
        namespace.destroy()
        held.close()


def certificates(folder: Path) -> Pki:
    """The identities of all components."""
    pki = Pki(folder)
    pki.create()
    pki.issue("apiserver", "kube-apiserver", hosts=API_HOSTS)
    pki.issue("kubelet-client", "kube-apiserver-kubelet-client", "system:masters")
    pki.issue("front-proxy", "front-proxy-client", authority="front-proxy-ca")
    pki.issue("admin", "admin", "system:masters")
    for part in ("controller-manager", "scheduler"):
        pki.issue(part, f"system:kube-{part}")
    return pki


def start(plane: ControlPlane, admission: str) -> None:
    """Starts the four programs and waits until the API answers and service accounts are made."""
    pki = plane.pki
    plane.kubeconfig = pki.kubeconfig("admin", SERVER)
    data = plane.state / "etcd"
    plane.spawn("etcd", [program("etcd"), f"--data-dir={data}", "--unsafe-no-fsync", "--log-level=warn"])
    server = plane.spawn("kube-apiserver", api_server(pki, admission))
    until(lambda: ready(plane, server), "the API server answers", 120)
    for part, options in (("controller-manager", controllers(pki)), ("scheduler", [])):
        config = pki.kubeconfig(part, SERVER)
        command = [program(f"kube-{part}"), f"--kubeconfig={config}", *kept_inside(pki, config), *options]
        plane.spawn(f"kube-{part}", command)
    until(lambda: not plane.try_kubectl("get", "serviceaccount", "default").returncode, "the controllers work", 120)


def ready(plane: ControlPlane, server: Process) -> bool:
    """Whether the API server is ready; fails at once with its last words when it has ended."""
    assert server.alive(), server.tail()
    return plane.try_kubectl("get", "--raw", "/readyz").stdout == "ok"


def api_server(pki: Pki, admission: str) -> list[str | Path]:
    """Its command line. It listens on the bridge: an EndpointSlice may hold no loopback address."""
    return [
        program("kube-apiserver"),
        "--etcd-servers=http://127.0.0.1:2379",
        f"--bind-address={ADDRESS}",
        f"--advertise-address={ADDRESS}",
        f"--service-cluster-ip-range={SERVICES}",
        "--authorization-mode=Node,RBAC",
        f"--enable-admission-plugins={admission}",
        "--allow-privileged=true",
        f"--client-ca-file={pki.crt('ca')}",
        f"--tls-cert-file={pki.crt('apiserver')}",
        f"--tls-private-key-file={pki.key('apiserver')}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={pki.folder / 'sa.pub'}",
        f"--service-account-signing-key-file={pki.folder / 'sa.key'}",
        f"--requestheader-client-ca-file={pki.crt('front-proxy-ca')}",
        "--requestheader-allowed-names=front-proxy-client",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-username-headers=X-Remote-User",
        f"--proxy-client-cert-file={pki.crt('front-proxy')}",
        f"--proxy-client-key-file={pki.key('front-proxy')}",
        "--enable-aggregator-routing=true",
        f"--kubelet-client-certificate={pki.crt('kubelet-client')}",
        f"--kubelet-client-key={pki.key('kubelet-client')}",
        f"--kubelet-certificate-authority={pki.crt('ca')}",
        # By name, `kubectl logs` would look the node up in DNS.
        "--kubelet-preferred-address-types=InternalIP",
    ]


def controllers(pki: Pki) -> list[str | Path]:
    """Options of the controller manager. It looks at autoscalers each second, not each fifteen."""
    return [
        "--use-service-account-credentials",
        f"--root-ca-file={pki.crt('ca')}",
        f"--service-account-private-key-file={pki.folder / 'sa.key'}",
        f"--cluster-signing-cert-file={pki.crt('ca')}",
        f"--cluster-signing-key-file={pki.key('ca')}",
        "--enable-hostpath-provisioner",
        # On a busy machine a heartbeat may come late; a fake pod that was marked for it would never be Ready again.
        "--node-monitor-grace-period=10m",
        "--horizontal-pod-autoscaler-sync-period=1s",
        "--horizontal-pod-autoscaler-initial-readiness-delay=1s",
        "--horizontal-pod-autoscaler-cpu-initialization-period=1s",
    ]


def kept_inside(pki: Pki, config: Path) -> list[str | Path]:
    """Options that controller manager and scheduler share: one of each, so no election."""
    return [
        "--leader-elect=false",
        "--bind-address=127.0.0.1",
        f"--authentication-kubeconfig={config}",
        f"--authorization-kubeconfig={config}",
        f"--requestheader-client-ca-file={pki.crt('front-proxy-ca')}",
    ]
