"""Durations as text: hours:minutes:seconds, days before them, or ISO 8601. They are numbers of seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from halftone_compute.ingest.columns import compute as pc

if TYPE_CHECKING:
    from halftone_compute.ingest.columns import Cells

FORMAT = "duration"
_CLOCK = r"^(?P<sign>[+-])?(?:(?P<d>\d{1,9}) days?,? +)?(?P<h>\d{1,9}):(?P<m>[0-5]\d):(?P<s>[0-5]\d(?:[.,]\d{1,9})?)$"
_ISO = (
    r"^(?P<sign>[+-])?P(?:(?P<d>\d{1,9})D)?(?:T(?:(?P<h>\d{1,9})H)?(?:(?P<m>\d{1,9})M)?"
    r"(?:(?P<s>\d{1,9}(?:[.,]\d{1,9})?)S)?)?$"
)
_DIGIT = r"\d"


def is_duration(cells: Cells) -> np.ndarray:
    """Which cells are durations: bool of shape (rows,)."""
    fits = pc.or_(_fits(cells, _CLOCK), pc.and_(_fits(cells, _ISO), _fits(cells, _DIGIT)))
    found: np.ndarray = fits.to_numpy(zero_copy_only=False)
    return found


def seconds(cells: Cells) -> Cells:
    """float64 seconds; null where a cell is no duration."""
    clock, iso = _seconds(cells, _CLOCK), _seconds(cells, _ISO)
    values = pc.coalesce(clock, iso)
    return pc.if_else(pa.array(is_duration(cells)), values, pa.scalar(None, pa.float64()))


def _seconds(cells: Cells, pattern: str) -> Cells:
    found = pc.extract_regex(cells, pattern)
    total = np.zeros(len(cells))
    for name, scale in (("d", 86_400.0), ("h", 3_600.0), ("m", 60.0), ("s", 1.0)):
        text = pc.replace_substring(pc.fill_null(pc.struct_field(found, [name]), ""), ",", ".")
        text = pc.if_else(pc.equal(text, ""), pa.scalar("0"), text)
        total += pc.cast(text, pa.float64()).to_numpy(zero_copy_only=False) * scale
    sign = pc.fill_null(pc.equal(pc.struct_field(found, ["sign"]), "-"), False).to_numpy(zero_copy_only=False)
    return pa.array(np.where(sign, -total, total), mask=found.is_null().to_numpy(zero_copy_only=False))


def _fits(cells: Cells, pattern: str) -> Cells:
    return pc.fill_null(pc.match_substring_regex(cells, pattern), False)
