"""The node's container runtime: containerd with runc, pods on a bridge inside the cluster's network namespace."""

import json
import os
import subprocess
from pathlib import Path

from . import images
from .tools import program

NETWORK = "halftone-pods"
POD_RANGE = "10.244.0.0/24"

CONFIG = """\
version = 3
root = '{folder}/root'
state = '{folder}/state'

[grpc]
  address = '{socket}'

[plugins.'io.containerd.shim.v1.manager']
  socket_dir = '{sockets}'

[plugins.'io.containerd.metadata.v1.bolt']
  no_sync = true

[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = '{pause}'

[plugins.'io.containerd.cri.v1.runtime']
  # A negative oom_score_adj needs CAP_SYS_RESOURCE; without it runc only says "can't get final child's PID from pipe".
  restrict_oom_score_adj = true
  # What teardown has to unmount then lies all in one place.
  netns_mounts_under_state_dir = true

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
  runtime_type = 'io.containerd.runc.v2'

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
  BinaryName = '/usr/sbin/runc'
  Root = '{folder}/runc'
  SystemdCgroup = false

[plugins.'io.containerd.cri.v1.runtime'.cni]
  bin_dirs = ['/usr/lib/cni']
  conf_dir = '{folder}/cni'
  use_internal_loopback = true
"""


def network(data: Path) -> dict[str, object]:
    """The pods' network: a bridge, addresses of one range, the addresses in use noted under `data`."""
    bridge = {
        "type": "bridge",
        "bridge": "pods0",
        "isGateway": True,
        "ipMasq": False,
        # A pod that calls its own Service gets its own packet back.
        "hairpinMode": True,
        "ipam": {
            "type": "host-local",
            "dataDir": str(data),
            "ranges": [[{"subnet": POD_RANGE}]],
            "routes": [{"dst": "0.0.0.0/0"}],
        },
    }
    ports = {"type": "portmap", "capabilities": {"portMappings": True}}
    return {"cniVersion": "1.0.0", "name": NETWORK, "plugins": [bridge, ports]}


class Containerd:
    """containerd with all it keeps in one folder, but the sockets of its shims, whose path must be short."""

    def __init__(self, folder: Path, sockets: Path) -> None:
        self.folder, self.sockets = folder, sockets
        self.socket = folder / "containerd.sock"

    def prepare(self) -> list[str | Path]:
        """Write the configuration; return the command that runs it."""
        (self.folder / "cni").mkdir(parents=True, exist_ok=True)
        written = json.dumps(network(self.folder / "addresses"))
        (self.folder / "cni" / "pods.conflist").write_text(written)
        config = self.folder / "config.toml"
        config.write_text(
            CONFIG.format(folder=self.folder, sockets=self.sockets, socket=self.socket, pause=images.reference("pause"))
        )
        return [program("containerd"), "--config", config]

    def environment(self) -> dict[str, str]:
        """Environment of containerd, which looks for its shim on the path."""
        return {"PATH": f"{program('containerd-shim-runc-v2').parent}:{os.environ['PATH']}"}

    def ctr(self, *arguments: str | Path, seconds: float = 600) -> str:
        """Run containerd's own client in the namespace of Kubernetes and return what it printed."""
        command = [program("ctr"), "--address", self.socket, "--namespace", "k8s.io", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds)
        if done.returncode:
            raise RuntimeError(f"ctr {' '.join(map(str, arguments))}: {done.stderr.strip()}")
        return done.stdout

    def answers(self) -> bool:
        """Whether containerd takes commands."""
        try:
            self.ctr("version", seconds=20)
        except (RuntimeError, subprocess.TimeoutExpired):
            return False
        return True

    def load(self, archive: Path) -> None:
        """Take in the image of an archive, as if a registry had sent it."""
        self.ctr("images", "import", "--local", archive)

    def images(self) -> set[str]:
        """Names of the images that the node has."""
        return set(self.ctr("images", "list", "--quiet").split())

    def pid(self, container: str) -> int:
        """Return the process id on this machine of a running container's first process."""
        for line in self.ctr("tasks", "list").splitlines()[1:]:
            name, pid, _ = line.split()
            if name == container:
                return int(pid)
        raise LookupError(f"no running container {container}")
