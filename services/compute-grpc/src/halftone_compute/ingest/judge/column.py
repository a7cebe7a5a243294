"""Judges one column of text: what its cells are, from a sample or from all of them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_views.columns import EXACT_INTEGERS

from halftone_compute.ingest.columns import compute as pc
from halftone_compute.ingest.judge import durations
from halftone_compute.ingest.judge.affixes import affix_of, without_affix
from halftone_compute.ingest.judge.epochs import is_epoch, suggested_epoch
from halftone_compute.ingest.judge.missing import without_missing
from halftone_compute.ingest.judge.numbers import NumberStyle, fast, group_marks, parsed
from halftone_compute.ingest.judge.sentinels import apart
from halftone_compute.ingest.judge.times import FORMS, ISO, MONTH, TimeForm, form_named, has_shape, name_of
from halftone_compute.ingest.reading import ColumnReading, ReadingWarning

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from halftone_compute.ingest.columns import Cells

# A column is a number or a time while this share of its cells, the missing ones apart, fits.
NEARLY = 0.99
_KEPT = 10_000
_AFFIX_CELLS = 1_000


class ColumnJudge:
    """Counts what the cells of a column could be. `decimal` is the decimal mark of the file, `missing` more marks."""

    def __init__(self, source: str, name: str, decimal: str = ".", missing: Sequence[str] = ()) -> None:
        self._source = source
        self._name = name
        self._decimal = decimal
        self._missing = tuple(missing)
        self._marks = ""
        self._affix: str | None = None
        self._present = 0
        # Cells that look like numbers; those that are the same number as int64 or float64; as int64; as int64 alone.
        self._alike = self._exact = self._whole = self._wide = 0
        # Cells with one group, which could be a fraction, and with more.
        self._one_group = self._groups = 0
        self._values: list[np.ndarray] = []
        self._times: Counter[str] = Counter()
        self._both: Counter[tuple[str, str]] = Counter()
        self._durations = self._months = 0

    @property
    def thousands(self) -> str:
        """The marks that stand between groups of digits."""
        return self._marks

    @property
    def present(self) -> int:
        """Cells that are not missing."""
        return self._present

    @property
    def fitting(self) -> int:
        """Cells that fit the best of number and time."""
        return max(self._exact, self._durations, *self._times.values(), 0)

    def add(self, cells: Cells) -> None:
        """Counts trimmed or untrimmed cells of text; null ones are missing."""
        cells = without_missing(cells, self._missing).drop_null()
        if len(cells) == 0:
            return
        self._present += len(cells)
        if not self._affix and self._add_plain(cells):
            return
        if self._affix is None:
            self._affix = affix_of(cells.slice(0, _AFFIX_CELLS).to_pylist())
        self._add_numbers(cells)

    def reading(self, changes: Mapping[str, Any] | None = None) -> ColumnReading:
        """How the column is read, with the changes of a person or of an earlier version.

        Raises HalftoneError `param_invalid` for a type or a format that is none.
        """
        judged = self._judged()
        if not changes:
            return judged
        made = replace(judged, **{**changes, "missing": tuple(changes.get("missing", judged.missing))})
        if made.type not in ("number", "time", "category"):
            raise self._refusal("type", f"{made.type!r} is no type: number, time or category.")
        if made.type != judged.type and "format" not in changes:
            made = replace(made, format=self._format_of(made.type, judged), unit=changes.get("unit", ""))
        if made.type == "time" and form_named(made.format) is None and not is_epoch(made.format):
            raise self._refusal("format", f"{made.format!r} is no way to write times that is known.")
        return replace(made, suggest=judged.suggest if made.type == judged.type else None)

    def dtype(self, reading: ColumnReading) -> pa.DataType:
        """The type of the values of a column that is read so."""
        if reading.type == "category":
            return pa.string()
        if reading.type == "time":
            return pa.timestamp("us")
        is_whole = self._exact and self._whole == self._exact and reading.format != durations.FORMAT
        return pa.int64() if is_whole else pa.float64()

    def warnings(self, reading: ColumnReading) -> list[ReadingWarning]:
        """What a person should know of a column that is read so."""
        found = []
        if reading.type == "category" and self._is_nearly(self.fitting) and self._rivals():
            found.append(("dates", "looks like dates, day and month can not be told apart"))
        elif reading.type == "category" and self._is_nearly(self._alike):
            found.append(("digits", "is kept as text: as numbers, leading zeros or digits would be lost"))
        is_whole = self._whole == self._exact
        if reading.type == "number" and self._one_group and not self._groups and is_whole:
            mark = self._marks[0]
            found.append(("groups", f"1{mark}234 is read as 1234, not as a fraction"))
        value = apart(self._values) if reading.type == "number" else None
        if value is not None and f"{value:g}" not in reading.missing:
            found.append(("sentinel", f"{value:g} lies apart from all else; it may mean missing"))
        return [ReadingWarning(code, f"{self._name}: {text}.", self._name) for code, text in found]

    def _add_plain(self, cells: Cells) -> bool:
        """Counts cells that are all plain numbers; False: they are not."""
        values = fast(cells, pa.int64())
        is_whole = values is not None
        if values is None and self._decimal == ".":
            values = fast(cells, pa.float64())
        if values is None:
            return False
        self._alike += len(cells)
        self._exact += len(cells)
        if is_whole:
            self._whole += len(cells)
            numbers = values.to_numpy(zero_copy_only=False)
            if np.abs(numbers.astype(np.float64)).max() >= EXACT_INTEGERS:
                self._wide += int((numbers.astype(np.float64).astype(np.int64) != numbers).sum())
        self._keep(values)
        return True

    def _add_numbers(self, cells: Cells) -> None:
        affix = self._affix or ""
        bare = without_affix(cells, affix)
        self._marks += "".join(mark for mark in group_marks(bare, self._decimal) if mark not in self._marks)
        style = NumberStyle(self._decimal, self._marks)
        whole, real = (parsed(cells, style, affix, dtype) for dtype in (pa.int64(), pa.float64()))
        is_whole, is_real = (_valid(each.values) for each in (whole, real))
        self._alike += int(real.is_number.sum())
        self._exact += int((is_whole | is_real).sum())
        self._whole += int(is_whole.sum())
        self._wide += int((is_whole & ~is_real).sum())
        self._keep(real.values)
        if self._marks:
            one, more = (_group_pattern(self._marks, count) for count in ("", "{2,}"))
            self._one_group += int(_mask(pc.match_substring_regex(bare, one)).sum())
            self._groups += int(_mask(pc.match_substring_regex(bare, more)).sum())
        rest = cells.filter(pa.array(~real.is_number))
        if len(rest):
            self._add_times(rest)

    def _add_times(self, cells: Cells) -> None:
        counted = pc.value_counts(cells)
        values, counts = counted.field("values"), counted.field("counts").to_numpy()
        masks = {form.name: has_shape(values, form) for form in FORMS}
        found = {name: mask for name, mask in masks.items() if mask.any()}
        for name, mask in found.items():
            self._times[name] += int(counts[mask].sum())
            for other, theirs in found.items():
                if name < other:
                    self._both[name, other] += int(counts[mask & theirs].sum())
        self._durations += int(counts[durations.is_duration(values)].sum())
        self._months += int(counts[has_shape(values, MONTH)].sum())

    def _keep(self, values: Cells) -> None:
        kept = sum(map(len, self._values))
        # Bounds are of all cells, the rest is a sample.
        numbers = values.drop_null().to_numpy(zero_copy_only=False)
        if len(numbers):
            part = numbers[: max(0, _KEPT - kept)]
            self._values.append(np.concatenate([part, [numbers.min(), numbers.max()]]))

    def _judged(self) -> ColumnReading:
        plain = ColumnReading(self._source, self._name, "category", missing=self._missing)
        if self._present == 0:
            return replace(plain, type="number")
        if self._is_nearly(self._numbers()):
            affix = self._affix or ""
            return replace(plain, type="number", format=affix, unit=affix, suggest=self._suggested())
        if self._is_nearly(self._durations):
            return replace(plain, type="number", format=durations.FORMAT, unit="s")
        form = self._time_form()
        if form is not None and not self._rivals():
            return replace(plain, type="time", format=name_of(form))
        return replace(plain, suggest=("time", MONTH.name) if self._is_nearly(self._months) else None)

    def _numbers(self) -> int:
        """Cells that are the same number in the type that the column would get."""
        return self._exact - (self._wide if self._whole < self._exact else 0)

    def _suggested(self) -> tuple[str, str] | None:
        if self._whole < self._exact or not self._values or self._affix:
            return None
        low, high = (
            float(side(each))
            for side, each in ((min, [v.min() for v in self._values]), (max, [v.max() for v in self._values]))
        )
        format = suggested_epoch(low, high)
        return None if format is None else ("time", format)

    def _time_form(self) -> TimeForm | None:
        if not self._times:
            return None
        name, count = self._times.most_common(1)[0]
        return form_named(name) if self._is_nearly(count) else None

    def _rivals(self) -> list[str]:
        """Forms that fit other cells than the best one, or just as many: which is meant can not be said."""
        if not self._times or self._exact >= NEARLY * self._present or self._is_nearly(self._durations):
            return []
        best, most = self._times.most_common(1)[0]
        shared = {name: self._both[min(name, best), max(name, best)] for name in self._times if name != best}
        return [name for name, both in shared.items() if both and (self._times[name] > both or both == most)]

    def _format_of(self, type: str, judged: ColumnReading) -> str:
        if type == "number":
            return self._affix or ""
        if type == "category":
            return ""
        if judged.suggest is not None:
            return judged.suggest[1]
        best = self._times.most_common(1)
        form = form_named(best[0][0]) if best else None
        return ISO if form is None else name_of(form)

    def _is_nearly(self, count: int) -> bool:
        return count >= NEARLY * self._present

    def _refusal(self, key: str, text: str) -> HalftoneError:
        return HalftoneError(ErrorCode.PARAM_INVALID, text, field=f"reading.columns.{self._source}.{key}"[:255])


def _group_pattern(marks: str, count: str) -> str:
    return rf"^[+-]?[1-9]\d{{0,2}}(?:[{re.escape(marks)}]\d{{3}}){count}$"


def _valid(values: Cells) -> np.ndarray:
    return _mask(values.is_valid())


def _mask(found: Cells) -> np.ndarray:
    mask: np.ndarray = pc.fill_null(found, False).to_numpy(zero_copy_only=False)
    return mask
