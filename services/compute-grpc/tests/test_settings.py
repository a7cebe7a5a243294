"""Settings and their documentation."""

from pathlib import Path

import pytest
from halftone_compute import settings
from halftone_compute.settings import ComputeSettings
from halftone_servicekit.settings import ServiceSettings, describe
from pydantic import ValidationError

DOCS = Path(__file__).parents[3] / "docs" / "settings" / "compute.md"
COMMON = {row.variable for row in describe(ServiceSettings)}
OWN = [row for row in describe(ComputeSettings) if row.variable not in COMMON]
# Defaults that differ from machine to machine.
BY_MACHINE = {"HALFTONE_COMPUTE_SLOTS": "usable cores", "HALFTONE_COMPUTE_PASS_BYTES": "by memory"}


@pytest.mark.parametrize("row", OWN, ids=lambda row: row.variable)
def test_every_setting_is_documented(row: object) -> None:
    variable, default, description = (getattr(row, name) for name in ("variable", "default", "description"))
    shown = BY_MACHINE.get(variable, f"`{default}`" if default else "")
    cell = f" {shown} " if shown else " "
    assert f"| `{variable}` |{cell}| {description} |" in DOCS.read_text(encoding="utf-8")


def test_no_other_setting_is_documented() -> None:
    rows = [line for line in DOCS.read_text(encoding="utf-8").splitlines() if line.startswith("| `HALFTONE_")]
    assert len(rows) == len(OWN)


def test_a_small_container_gets_small_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "usable_cores", lambda: 4)
    monkeypatch.setattr(settings, "memory_limit", lambda: 1 << 30)
    assert ComputeSettings().compute_pass_bytes == 1 << 27
    monkeypatch.setattr(settings, "memory_limit", lambda: 1 << 40)
    assert ComputeSettings().compute_pass_bytes == 1 << 30


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALFTONE_COMPUTE_SLOTS", "7")
    assert ComputeSettings().compute_slots == 7
    monkeypatch.setenv("HALFTONE_COMPUTE_SLOTS", "0")
    with pytest.raises(ValidationError):
        ComputeSettings()
