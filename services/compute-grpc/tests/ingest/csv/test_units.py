"""Units of measure are known by their brackets, or by themselves."""

from __future__ import annotations

import pytest
from halftone_compute.ingest.csv.units import unit_of


@pytest.mark.parametrize(
    ("cell", "unit"),
    [
        ("[C]", "C"),
        (" (anything at all) ", "anything at all"),
        ("<K>", "K"),
        ("[]", ""),
        ("m/s", "m/s"),
        ("kg m^-3", "kg m^-3"),
        ("W/m²", "W/m²"),
        ("µm", "µm"),
        ("%", "%"),
        ("degC", "degC"),
        ("north", ""),
        ("3", ""),
        ("1.5", ""),
        ("", ""),
    ],
)
def test_units(cell: str, unit: str) -> None:
    assert unit_of(cell) == unit
