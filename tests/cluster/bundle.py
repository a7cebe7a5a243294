"""A process of an image, run by runc as in a restricted pod: read-only root, no privileges, two writable folders."""

import json
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .images import archive

WRITABLE = ("/tmp", "/var/lib/halftone")  # noqa: S108 - folders of the container
MOUNTS: list[dict[str, Any]] = [
    {"destination": "/proc", "type": "proc", "source": "proc"},
    {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755", "size=65536k"]},
    {"destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": ["mode=1777"]},  # noqa: S108
    *(
        {"destination": path, "type": "tmpfs", "source": "tmpfs", "options": ["uid=10001", "gid=10001", "mode=700"]}
        for path in WRITABLE
    ),
]


@dataclass(frozen=True)
class Started:
    """A process in its container, on this machine's network."""

    process: subprocess.Popen[str]
    name: str

    def stop(self, signal: str = "TERM", seconds: float = 120) -> int:
        """Sends a signal, as a kubelet does; the exit status."""
        subprocess.run(["runc", "kill", self.name, signal], check=True, capture_output=True)
        return self.process.wait(seconds)

    def said(self) -> str:
        """What an ended process printed."""
        return self.process.communicate(timeout=120)[0]

    def files(self, folder: str) -> list[str]:
        """What lies in a folder of the container."""
        listed = subprocess.run(["runc", "exec", self.name, "ls", folder], check=True, capture_output=True, text=True)
        return listed.stdout.split()


@contextmanager
def running(
    image: str, *command: str, binds: dict[Path, str] | None = None, environment: dict[str, str] | None = None
) -> Iterator[Started]:
    """A command of an image (its own without one), ended with the block."""
    container = _buildah("from", "--pull-never", f"oci-archive:{archive(image)}")
    name = f"halftone-{container}"
    try:
        root = _buildah("mount", container)
        config = json.loads(_buildah("inspect", container))["OCIv1"]["config"]
        with tempfile.TemporaryDirectory() as bundle:
            spec = _spec(
                root, list(command) or config["Cmd"], [*config["Env"], *_assigned(environment or {})], binds or {}
            )
            Path(bundle, "config.json").write_text(json.dumps(spec))
            started = ["runc", "run", "--bundle", bundle, name]
            process = subprocess.Popen(started, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            try:
                yield Started(process, name)
            finally:
                subprocess.run(["runc", "delete", "--force", name], check=False, capture_output=True)
                process.communicate(timeout=120)
    finally:
        _buildah("rm", container)


def _spec(root: str, command: list[str], environment: list[str], binds: dict[Path, str]) -> dict[str, Any]:
    bound = [
        {"destination": inside, "type": "bind", "source": str(own), "options": ["rbind", "ro"]}
        for own, inside in binds.items()
    ]
    return {
        "ociVersion": "1.0.2",
        "process": {
            "args": command,
            "env": environment,
            "cwd": "/",
            "user": {"uid": 10001, "gid": 10001},
            "capabilities": {},
            "noNewPrivileges": True,
        },
        "root": {"path": root, "readonly": True},
        "mounts": [*MOUNTS, *bound],
        # The network is this machine's: ports are picked free.
        "linux": {"namespaces": [{"type": kind} for kind in ("pid", "ipc", "uts", "mount")]},
    }


def _assigned(environment: dict[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in environment.items()]


def _buildah(*arguments: str) -> str:
    done = subprocess.run(["buildah", *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()
