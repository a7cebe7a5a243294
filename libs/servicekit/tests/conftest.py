"""What the tests of all modules share."""

import pytest
from halftone_servicekit import jwks


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The issuer of a test is a thread on a machine that may stand still for a while."""
    monkeypatch.setattr(jwks, "TIMEOUT_S", 60.0)
