"""What the chart writes into environments is what the services read: every name, and every value that it knows."""

import re
from typing import Any

import pytest
from halftone_auth.config.environment import AuthSettings
from halftone_compute.ingest.settings import IngestSettings
from halftone_compute.settings import ComputeSettings
from halftone_gateway.settings import GatewaySettings
from halftone_servicekit.settings import ServiceSettings, describe

from .render import MATRIX, matrix

READERS: dict[str, type[ServiceSettings]] = {
    "auth": AuthSettings,
    "auth-worker": AuthSettings,
    "beat": AuthSettings,
    "migrate": AuthSettings,
    "gateway": GatewaySettings,
    "compute-cpu": ComputeSettings,
    "compute-gpu": ComputeSettings,
    "ingest-worker": IngestSettings,
}
# Where a value is in a secret or comes from the pod, something of its kind.
STAND_INS = {
    "HALFTONE_SECRET_KEY": "s" * 64,
    "HALFTONE_DATABASE_URL": "postgresql://halftone:p@halftone-postgres:5432/halftone",
    "HALFTONE_BROKER_URL": "redis://:p@halftone-valkey:6379/0",
    "HALFTONE_CACHE_URL": "redis://:p@halftone-valkey-cache:6379/0",
    "HALFTONE_BUS_URL": "redis://:p@halftone-valkey:6379/0",
    "HALFTONE_COMPUTE_SLOTS": "2",
}
# Of our own test, not of the product.
NOT_OURS = {"HALFTONE_OTLP_HEADERS"}


def has(name: str, component: str) -> bool:
    return component in {pod.component for pod in matrix(name).pods()}


@pytest.mark.parametrize("component", READERS)
def test_every_variable_is_read(component: str) -> None:
    known = {row.variable for row in describe(READERS[component])}
    for name in MATRIX:
        if has(name, component):
            written = {variable for variable in matrix(name).environment(component) if variable.startswith("HALFTONE_")}
            # The clock and the worker share the environment of auth; not all of it is for each.
            assert written - known - NOT_OURS == set(), name


@pytest.mark.parametrize("component", READERS)
def test_every_value_is_understood(component: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (name for name in MATRIX if has(name, component)):
        with monkeypatch.context() as environment:
            for variable, value in matrix(name).environment(component).items():
                environment.setenv(variable, literal(variable, value))
            settings = READERS[component]()
        assert str(settings.home) == "/var/lib/halftone"
        assert settings.auth_url == f"http://{'pictures' if name == 'platform' else 'halftone'}-auth:8000"


def literal(variable: str, value: Any) -> str:  # noqa: ANN401 - a text, or where a value comes from
    if isinstance(value, dict):
        return STAND_INS.get(variable, "stand-in")
    return re.sub(r"\$\(\w+\)", "10.0.0.1", str(value))
