"""The worker's settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from halftone_compute.ingest.settings import IngestSettings
from pydantic import ValidationError


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
