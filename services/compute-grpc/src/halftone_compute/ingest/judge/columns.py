"""The columns of a text table: judged together, named, and converted as their readings say."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.ingest.columns import column_names, source_column
from halftone_compute.ingest.judge.column import ColumnJudge
from halftone_compute.ingest.judge.convert import Converted, converted
from halftone_compute.ingest.judge.numbers import NumberStyle
from halftone_compute.ingest.reading import Dialect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from halftone_compute.ingest.columns import Cells, SourceColumn
    from halftone_compute.ingest.reading import ColumnReading, ReadingWarning, Wishes

_PLAIN = Dialect()


class TextColumns:
    """Add the cells of all columns, then `finish`; then `readings`, `columns`, `places` and `warnings` are there.

    `names` and `units` are those of the file; of `dialect` the marks in numbers count.
    Raises HalftoneError `param_invalid` for a firm wish that does not fit.
    """

    def __init__(
        self, names: Sequence[str], wishes: Wishes, units: Sequence[str] = (), dialect: Dialect = _PLAIN
    ) -> None:
        self.sources = column_names(list(names))
        self._decimal = dialect.decimal
        self._thousands = dialect.thousands
        self._units = units or ("",) * len(self.sources)
        self._wishes = wishes
        unknown = set(wishes.columns) - set(self.sources)
        if unknown and wishes.firm:
            raise _refusal(min(unknown), "", "The file has no such column.")
        self._judges = [
            ColumnJudge(source, source, self._decimal, tuple(self._changes(source).get("missing", ())))
            for source in self.sources
        ]

    def add(self, columns: Sequence[Cells]) -> None:
        """A column may have fewer cells than others: a missing one says nothing."""
        for judge, cells in zip(self._judges, columns, strict=True):
            judge.add(cells)

    def finish(self) -> None:
        readings = [
            self._reading(judge, source, unit)
            for judge, source, unit in zip(self._judges, self.sources, self._units, strict=True)
        ]
        self.readings = self._named(readings)
        self.places = tuple(place for place, reading in enumerate(self.readings) if not reading.leave_out)
        if not self.places:
            raise _refusal(self.sources[0], "leave_out", "No column is left.")
        self._types = [judge.dtype(reading) for judge, reading in zip(self._judges, self.readings, strict=True)]
        self._styles = [NumberStyle(self._decimal, self._thousands or judge.thousands) for judge in self._judges]
        self.columns = tuple(self._column(place) for place in self.places)
        self.warnings: tuple[ReadingWarning, ...] = tuple(
            warning for place in self.places for warning in self._judges[place].warnings(self.readings[place])
        )

    @property
    def thousands(self) -> str:
        """The mark between groups of digits, the first where columns differ."""
        return self._thousands or next((style.thousands[0] for style in self._styles if style.thousands), "")

    def converted(self, place: int, cells: Cells) -> Converted:
        """The values of the column at `place` of the file. Raises TypesDifferError."""
        return converted(cells, self.readings[place], self._types[place], self._styles[place])

    def _changes(self, source: str) -> dict[str, Any]:
        return dict(self._wishes.columns.get(source, {}))

    def _reading(self, judge: ColumnJudge, source: str, unit: str) -> ColumnReading:
        judged = judge.reading()
        if unit:
            judged = replace(judged, unit=unit)
        changes = self._changes(source)
        if not changes:
            return judged
        if not self._wishes.firm and changes.get("type", judged.type) != judged.type:
            # What an earlier version read as a number or a time is none here; its names still hold.
            changes = {key: value for key, value in changes.items() if key not in ("type", "format")}
        made = judge.reading(changes)
        return made if "unit" in changes or not unit else replace(made, unit=unit)

    def _named(self, readings: Sequence[ColumnReading]) -> tuple[ColumnReading, ...]:
        """Readings with names that are good and unique; a person's own must be so already."""
        if self._wishes.firm:
            for reading in readings:
                _check_name(reading)
        names = column_names([reading.name for reading in readings])
        for reading, name in zip(readings, names, strict=True):
            if self._wishes.firm and "name" in self._changes(reading.source) and name != reading.name:
                raise _refusal(reading.source, "name", f"{reading.name!r} is taken, or no good name.")
        return tuple(replace(reading, name=name) for reading, name in zip(readings, names, strict=True))

    def _column(self, place: int) -> SourceColumn:
        column = source_column(self.readings[place].name, self._types[place])
        if column is None:
            raise TypeError(f"{self._types[place]} is not a type of text cells")
        return column


def _check_name(reading: ColumnReading) -> None:
    try:
        column_names([reading.name])
    except HalftoneError as error:
        raise _refusal(reading.source, "name", error.detail) from error


def _refusal(source: str, key: str, text: str) -> HalftoneError:
    field = f"reading.columns.{source}.{key}".removesuffix(".")[:255]
    return HalftoneError(ErrorCode.PARAM_INVALID, text, field=field)
