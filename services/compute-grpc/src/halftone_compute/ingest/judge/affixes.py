"""What stands around every number of a column: a percent sign, a currency, a unit."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import pyarrow as pa

from halftone_compute.ingest.columns import compute as pc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from halftone_compute.ingest.columns import Cells

_SIGN = "[+\\-\u2212]?"
_CURRENCY = "[$\u20ac\u00a3\u00a5\u20b9\u20bd\u20a9]"
_BEFORE = rf"(?:[A-Z]{{0,3}}{_CURRENCY}|[A-Z]{{3}}(?=\s))"
_AFTER = rf"(?:[%‰]|{_CURRENCY}|°?[A-Za-zµμΩ]{{1,8}}(?:/[A-Za-zµμ]{{1,6}})?[²³]?|°)"
_NUMBER = "[\\d.,][\\d.,'\u2019\u00a0\u2009\u202f ]*"
_CELL = re.compile(rf"(?P<a>{_SIGN})(?P<before>{_BEFORE})?\s?{_SIGN}(?:{_NUMBER}?)\s?(?P<after>{_AFTER})?")
_NEARLY = 0.99


def affix_of(cells: Sequence[str]) -> str:
    """What stands before or after the number in nearly all `cells`; empty when nothing does."""
    found = Counter(_affix(match) for cell in cells if (match := _CELL.fullmatch(cell)))
    affix, count = found.most_common(1)[0] if found else ("", 0)
    return affix if count >= _NEARLY * len(cells) else ""


def without_affix(cells: Cells, affix: str) -> Cells:
    """Cells without what stands around each number; null where it does not stand there."""
    if not affix:
        return cells
    escaped = re.escape(affix)
    before = pc.replace_substring_regex(cells, rf"^({_SIGN})\s?{escaped}\s?({_SIGN})", r"\1\2")
    bare = pc.replace_substring_regex(before, rf"\s?{escaped}$", "")
    return pc.if_else(pc.equal(bare, cells), pa.scalar(None, pa.string()), bare)


def _affix(match: re.Match[str]) -> str:
    """The text around one number; empty when there is none, or one on each side, or an exponent without digits."""
    before, after = match["before"] or "", match["after"] or ""
    if bool(before) == bool(after) or after.lower() == "e":
        return ""
    return before or after
