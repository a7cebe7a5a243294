"""The running product: what `make up DETACH=1` starts, on free ports, in a home of its own."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import SystemRandom
from typing import TypeVar

import httpx2
from launcher.auth import manage
from launcher.ports import taken
from launcher.processes import Record
from launcher.ready import probes
from launcher.settings import Settings

ROOT = Path(__file__).parents[2]
EMAIL = "admin@halftone.local"
PASSWORD = "correct horse battery staple"
PORTS = ("AUTH", "GATEWAY", "COMPUTE", "WEB", "COMPUTE_METRICS", "WORKER_METRICS")
LOWEST_PORT = 10_000
# Two runs at once, one for each profile, look for ports among different numbers.
ODD = os.environ.get("HALFTONE_E2E_PROFILE") == "cluster"
# From here on the system assigns ports to sockets that name none, client connections included.
GIVEN_OUT = Path("/proc/sys/net/ipv4/ip_local_port_range")
# A busy machine may need longer than a person's browser, between the dial of a socket and its first message.
PATIENCE = {"HALFTONE_GATEWAY_AUTH_TIMEOUT_S": "15"}

T = TypeVar("T")


def free_ports(count: int) -> list[int]:
    """Return `count` different TCP ports of loopback that nothing listens on, outside the range the system assigns."""
    lowest_given = int(GIVEN_OUT.read_text().split()[0])
    found: list[int] = []
    while len(found) < count:
        # Not `random`: pytest-randomly seeds it alike in all processes of a run.
        port = SystemRandom().randrange(LOWEST_PORT + ODD, max(lowest_given, 2 * LOWEST_PORT), 2)
        if port not in found and not taken({"": port}):
            found.append(port)
    return found


def wait_until(look: Callable[[], T], what: str, seconds: float = 60.0) -> T:
    """Return the first truthy answer of `look`, asked every 50 ms; TimeoutError after `seconds` and a last look."""
    deadline = time.monotonic() + seconds
    while True:
        late = time.monotonic() > deadline
        answer = look()
        if answer:
            return answer
        if late:
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
        # The flags of a `make` that runs the tests are not those of ours.
        foreign = ("HALFTONE_", "DJANGO_", "MAKE", "MFLAGS")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        return inherited | ports | PATIENCE | dict(self.profile) | settings

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
        record = Record.read(self.home / "run" / f"{service}.json")
        return record.pid if record.alive() else None

    def kill(self, service: str) -> int:
        """End a service as a crash does (SIGKILL, no word to anyone) and return the process id it had."""
        pid = self._running(service)
        os.kill(pid, signal.SIGKILL)
        return pid

    @contextmanager
    def not_restarted(self) -> Iterator[None]:
        """What ends inside the block stays away until its end: supervisord stands still."""
        supervisor = self._running("supervisord")
        os.kill(supervisor, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(supervisor, signal.SIGCONT)

    def is_ready(self, service: str) -> bool:
        """Whether a service takes work, as `make up` asks it."""
        return probes(self._settings)[service]()

    def add_person(self, email: str, password: str) -> None:
        """Create a person who may sign in and was given nothing."""
        self.run_in_auth(f"from users.models import User; User.objects.create_user({email!r}, {password!r})")

    def run_in_auth(self, statements: str) -> None:
        """Run Python in another process of the auth service."""
        manage(self.service_environment, "shell", "-c", statements)

    @property
    def service_environment(self) -> dict[str, str]:
        """Environment of the services themselves."""
        return self._settings.service_environment(self.environment)

    def access_token(self, email: str = EMAIL, password: str = PASSWORD) -> str:
        """Sign in as an API client does and return the access token."""
        answer = httpx2.post(f"{self.url}/api/token/", json={"email": email, "password": password}, timeout=60)
        token: str = answer.raise_for_status().json()["access"]
        return token

    def sign_in(self, email: str = EMAIL, password: str = PASSWORD) -> httpx2.Client:
        """Return a REST client that carries an access token of `email`; close it."""
        headers = {"Authorization": f"Bearer {self.access_token(email, password)}"}
        return httpx2.Client(base_url=self.url, headers=headers, timeout=60)

    @property
    def _settings(self) -> Settings:
        """What the launcher reads from the environment."""
        ports = {f"{name.lower()}_port": port for name, port in self.ports.items()}
        return Settings.model_validate({"home": self.home, **ports})

    def _running(self, service: str) -> int:
        """Return the process id of a service, once it runs."""
        pid = wait_until(lambda: self.pid(service), f"a running {service}")
        assert pid is not None
        return pid
