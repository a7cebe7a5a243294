"""Units of measure, as they stand in a row below a header."""

from __future__ import annotations

import re

_BRACKETS = re.compile(r"\s*(?:\[([^\[\]]*)\]|\(([^()]*)\)|<([^<>]*)>)\s*")
_PREFIX = r"(?:da|[yzafpnuµμmcdhkMGTPEZY])?"
_NAMES = (
    r"(?:m|g|s|A|K|mol|cd|Hz|N|Pa|J|W|C|V|F|Ω|[Oo]hm|S|Wb|T|H|lm|lx|Bq|Gy|Sv|kat|[lL]|eV|bar|t|b|B|bit|byte|Wh|VA|var)"
)
_OTHERS = (
    r"(?:°?[CF]|°|deg|degC|degF|deg_[CFEN]|rad|sr|%|‰|ppm|ppb|min|h|hr|hrs|d|day|days|week|month|y|yr|year|sec|secs|ms|us"
    r"|in|ft|yd|mi|mile|miles|nmi|kn|kt|kts|mph|km/h|kph|rpm|lb|lbs|oz|psi|psu|hPa|mbar|atm|mmHg|torr|dB|dBm|pH|count"
    r"|counts|USD|EUR|GBP|\$|€|£|utc|UTC|pct|percent|px|iso8601|yyyy-mm-dd.*)"
)
_ONE = rf"(?:{_OTHERS}|{_PREFIX}{_NAMES}|1)(?:\^?[-+]?\d|[²³⁻¹])*"
_UNIT = re.compile(rf"{_ONE}(?:[ ·*/.]+{_ONE})*")


def unit_of(cell: str) -> str:
    """The unit that a cell names, without its brackets; empty when it names none. In brackets everything is a unit."""
    found = _BRACKETS.fullmatch(cell)
    if found is not None:
        return next((part.strip() for part in found.groups() if part), "")
    return cell.strip() if _UNIT.fullmatch(cell.strip()) else ""
