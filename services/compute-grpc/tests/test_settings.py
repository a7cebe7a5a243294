"""Settings are read from the environment and bounded."""

import pytest
from halftone_compute import settings
from halftone_compute.settings import ComputeSettings
from pydantic import ValidationError


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
