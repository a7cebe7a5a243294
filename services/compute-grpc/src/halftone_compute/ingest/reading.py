"""A reading: how a file is read, as a person sees it before the import and the manifest keeps it.

The judge of a format makes one from a sample; a person may change parts of it (`Wishes`). It is plain JSON on the wire,
in the manifest and in the catalogue.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal

from halftone_servicekit.errors import ErrorCode, HalftoneError

if TYPE_CHECKING:
    from collections.abc import Mapping

ReadingType = Literal["number", "time", "category"]
# How many cells that did not fit are kept with their line and text.
KEPT_CELLS = 10


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text file is divided into cells. `above` counts lines above the header that are left out.

    `escape` is a backslash or empty (a quote is doubled); `thousands` is empty when numbers have no groups. Of a
    workbook, `sheet` is the one that is read, and the marks are empty.
    """

    delimiter: str = ","
    quote: str = '"'
    escape: str = ""
    decimal: str = "."
    thousands: str = ""
    encoding: str = "utf-8"
    header: bool = True
    above: int = 0
    units_row: bool = False
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class ColumnReading:
    """How one column of a file is read.

    source    its name in the file (for nested values the dotted path), before it is made a good and unique name
    name      its name in the dataset
    type      number, time or category
    format    of times: `iso`, a pattern of strptime, or `epoch_s`, `epoch_ms`, `epoch_us`, `epoch_ns`; of numbers: the
              text around each (`%`, `€`, `km`), or empty
    unit      of its values, empty when it is not known
    missing   cells that mean missing besides those that always do
    leave_out whether it is left out
    suggest   a type and format that its values would fit as well: ("time", "epoch_ns")
    """

    source: str
    name: str
    type: ReadingType
    format: str = ""
    unit: str = ""
    missing: tuple[str, ...] = ()
    leave_out: bool = False
    suggest: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ReadingWarning:
    """One sentence about how a file is read. `code` names its kind, `column` the column it speaks of, or is empty."""

    code: str
    text: str
    column: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is read. `dialect` is None for formats whose files say it themselves; `sheets` are those that a
    person may choose, the chosen one first.
    """

    format: str
    columns: tuple[ColumnReading, ...]
    dialect: Dialect | None = None
    warnings: tuple[ReadingWarning, ...] = ()
    sheets: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        return asdict(self)

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Reading:
        """Reads what `as_json` made. Raises TypeError or KeyError for anything else."""
        dialect = body["dialect"]
        return cls(
            format=body["format"],
            columns=tuple(_column(column) for column in body["columns"]),
            dialect=None if dialect is None else Dialect(**dialect),
            warnings=tuple(ReadingWarning(**warning) for warning in body["warnings"]),
            sheets=tuple(body.get("sheets", ())),
        )


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person changed of a reading: only what differs. `columns` is by source name.

    `firm` wishes are a person's and must hold; others come from an earlier version and hold where they still fit.
    """

    dialect: Mapping[str, Any] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    firm: bool = True

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Wishes:
        """Raises HalftoneError `param_invalid` for a key or a value that no reading has."""
        unknown = set(body) - {"dialect", "columns", "firm"}
        if unknown:
            raise HalftoneError(ErrorCode.PARAM_INVALID, f"A reading has no {sorted(unknown)[0]!r}.", field="reading")
        wishes = cls(**body)
        _check(wishes.dialect, Dialect, "dialect")
        for name, changes in wishes.columns.items():
            _check(changes, ColumnReading, f"columns.{name}"[:255])
        return wishes


@dataclass(frozen=True, slots=True)
class UnreadableCell:
    """A cell that did not fit the type of its column. `line` counts from 1, or the row where a file has no lines."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Cells of one column that did not fit: how many, and the first of them."""

    count: int = 0
    cells: tuple[UnreadableCell, ...] = ()


_KINDS: dict[str, type | tuple[type, ...]] = {"above": int, "header": bool, "units_row": bool, "leave_out": bool}


def _check(changes: Mapping[str, Any], kind: type[Dialect | ColumnReading], where: str) -> None:
    known = {known.name for known in fields(kind)} - {"source", "suggest"}
    for key, value in changes.items():
        wanted = list if key == "missing" else _KINDS.get(key, str)
        if key not in known or not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            raise HalftoneError(ErrorCode.PARAM_INVALID, f"{key!r} is no part of a reading.", field=f"reading.{where}")


def _column(body: Mapping[str, Any]) -> ColumnReading:
    suggest = body["suggest"]
    return ColumnReading(
        **{**body, "missing": tuple(body["missing"]), "suggest": None if suggest is None else (suggest[0], suggest[1])}
    )
