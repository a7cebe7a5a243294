"""Settings and their documentation."""

from pathlib import Path

import pytest
from halftone_compute.settings import ComputeSettings
from halftone_servicekit.settings import ServiceSettings, describe
from pydantic import ValidationError

DOCS = Path(__file__).parents[3] / "docs" / "settings" / "compute.md"
COMMON = {row.variable for row in describe(ServiceSettings)}
OWN = [row for row in describe(ComputeSettings) if row.variable not in COMMON]


@pytest.mark.parametrize("row", OWN, ids=lambda row: row.variable)
def test_every_setting_is_documented(row: object) -> None:
    variable, default, description = (getattr(row, name) for name in ("variable", "default", "description"))
    shown = "number of cores" if variable == "HALFTONE_COMPUTE_SLOTS" else f"`{default}`"
    assert f"| `{variable}` | {shown} | {description} |" in DOCS.read_text(encoding="utf-8")


def test_no_other_setting_is_documented() -> None:
    rows = [line for line in DOCS.read_text(encoding="utf-8").splitlines() if line.startswith("| `HALFTONE_")]
    assert len(rows) == len(OWN)


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALFTONE_COMPUTE_SLOTS", "7")
    assert ComputeSettings().compute_slots == 7
    monkeypatch.setenv("HALFTONE_COMPUTE_SLOTS", "0")
    with pytest.raises(ValidationError):
        ComputeSettings()
