"""The running product: what `make up DETACH=1` starts, on free ports, in a home of its own."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import httpx2
from launcher.auth import manage
from launcher.settings import Settings

ROOT = Path(__file__).parents[2]
EMAIL = "admin@halftone.local"
PASSWORD = "correct horse battery staple"
PORTS = ("AUTH", "GATEWAY", "COMPUTE", "WEB", "COMPUTE_METRICS", "WORKER_METRICS")

T = TypeVar("T")


def free_ports(count: int) -> list[int]:
    """Return `count` different TCP ports of the loopback address that nothing listens on."""
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def wait_until(look: Callable[[], T], what: str, seconds: float = 30.0) -> T:
    """Return the first truthy answer of `look`, asked every 50 ms; TimeoutError after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        answer = look()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not happen within {seconds} s")
        time.sleep(0.05)


@dataclass
class Product:
    """One installation: its home folder, the servers behind it, its ports and how to speak to it."""

    home: Path
    profile: Mapping[str, str] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=lambda: dict(zip(PORTS, free_ports(len(PORTS)), strict=True)))

    @property
    def url(self) -> str:
        """Origin of the web app."""
        return f"http://localhost:{self.ports['WEB']}"

    @property
    def compute(self) -> str:
        """Address of the compute service."""
        return f"127.0.0.1:{self.ports['COMPUTE']}"

    @property
    def environment(self) -> dict[str, str]:
        """Environment of every command of this installation."""
        ports = {f"HALFTONE_{name}_PORT": str(port) for name, port in self.ports.items()}
        settings = {"HALFTONE_HOME": str(self.home), "HALFTONE_ADMIN_PASSWORD": PASSWORD}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("HALFTONE_", "DJANGO_"))}
        return inherited | ports | dict(self.profile) | settings

    def make(self, *arguments: str) -> str:
        """Run a Make target of the product and return what it printed; CalledProcessError when it fails."""
        done = subprocess.run(
            ["make", "--no-print-directory", *arguments],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
        print(done.stdout)
        done.check_returncode()
        return done.stdout

    def pid(self, service: str) -> int | None:
        """Return the process id of a service that runs, else None."""
        noted: int = json.loads((self.home / "run" / f"{service}.json").read_text())["pid"]
        return noted if Path(f"/proc/{noted}").exists() else None

    def kill(self, service: str) -> int:
        """End a service as a crash does (SIGKILL, no word to anyone) and return the process id it had."""
        pid = self.pid(service)
        assert pid is not None, f"{service} does not run"
        os.kill(pid, signal.SIGKILL)
        return pid

    def answers(self) -> bool:
        """Whether the web server gives out the app."""
        try:
            return httpx2.get(self.url).is_success
        except httpx2.TransportError:
            return False

    def add_person(self, email: str, password: str) -> None:
        """Create a person who may sign in and was given nothing."""
        ports = {f"{name.lower()}_port": port for name, port in self.ports.items()}
        settings = Settings.model_validate({"home": self.home, **ports})
        command = f"from users.models import User; User.objects.create_user(email={email!r}, password={password!r})"
        manage(settings.service_environment(self.environment), "shell", "-c", command)

    def access_token(self, email: str = EMAIL, password: str = PASSWORD) -> str:
        """Sign in as an API client does and return the access token."""
        answer = httpx2.post(f"{self.url}/api/token/", json={"email": email, "password": password}, timeout=30)
        token: str = answer.raise_for_status().json()["access"]
        return token

    def sign_in(self, email: str = EMAIL, password: str = PASSWORD) -> httpx2.Client:
        """Return a REST client that carries an access token of `email`; close it."""
        headers = {"Authorization": f"Bearer {self.access_token(email, password)}"}
        return httpx2.Client(base_url=self.url, headers=headers, timeout=60)
