"""The worker's settings, and their documentation."""

from __future__ import annotations

from pathlib import Path

import pytest
from halftone_compute.ingest.settings import IngestSettings
from halftone_servicekit.settings import ServiceSettings, describe
from pydantic import ValidationError

DOCS = Path(__file__).parents[4] / "docs" / "settings" / "ingest.md"


def test_every_setting_is_documented_with_its_default() -> None:
    shared = {row.variable for row in describe(ServiceSettings)}
    own = [row for row in describe(IngestSettings) if row.variable not in shared]
    text = DOCS.read_text()
    assert own
    for row in own:
        default = f"`{row.default}`" if row.default else ""
        assert f"| `{row.variable}` | {default} | {row.description} |" in text


def test_folders_follow_the_home() -> None:
    settings = IngestSettings(home=Path("/somewhere"))
    assert settings.broker_path() == Path("/somewhere/broker")
    assert settings.storage_root() == Path("/somewhere/storage")
    assert IngestSettings(broker_folder=Path("/else")).broker_path() == Path("/else")


@pytest.mark.parametrize("field", ["ingest_memory", "ingest_max_bytes", "ingest_cpu_seconds", "ingest_grace"])
def test_senseless_bounds_are_refused(monkeypatch: pytest.MonkeyPatch, field: str) -> None:
    monkeypatch.setenv(f"HALFTONE_{field.upper()}", "-1")
    with pytest.raises(ValidationError, match=field):
        IngestSettings()
