"""Workbooks: the header of a sheet by evidence, its cells as they are."""

from __future__ import annotations

import datetime as dt
import os
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from halftone_compute.ingest.formats.excel import ExcelReader
from halftone_compute.ingest.limits import Budget
from halftone_compute.ingest.reading import Dialect, Unreadable, UnreadableCell, Wishes
from halftone_compute.ingest.sandbox.messages import ConvertRequest
from halftone_compute.ingest.sandbox.parent import convert_in_child
from halftone_servicekit.errors import ErrorCode, HalftoneError
from ingest_rig.limits import LIMITS
from ingest_rig.readers import values_of
from ingest_rig.workbooks import ods, xlsx

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_CASES = Path(__file__).parents[5] / "tests" / "cases"
_TABLES = int(os.environ.get("HALFTONE_TEST_TABLES", "40"))


def _reader(folder: Path, rows: Sequence[Any], wishes: Wishes | None = None) -> ExcelReader:
    return _opened(folder, xlsx({"Data": rows}), wishes)


def _opened(folder: Path, data: bytes, wishes: Wishes | None = None) -> ExcelReader:
    (folder / "source").write_bytes(data)
    return ExcelReader(folder / "source", Budget(len(data), 1 << 40), wishes or Wishes())


def test_cells_of_every_kind(tmp_path: Path) -> None:
    noon = dt.datetime(2020, 1, 2, 12, 30, 15)  # noqa: DTZ001 - a sheet knows no zone
    rows = [
        ["name", "n", "x", "when", "day", "clock", "took", "flag", "zip", "err"],
        ["ü", 7, 1.5, noon, dt.date(2020, 1, 2), dt.time(3, 4, 5), dt.timedelta(hours=30), True, "007", "#N/A"],
        [None, 2**40, 0.1, noon, dt.date(9999, 12, 31), dt.time(0, 0, 1), dt.timedelta(0), False, "01", 1],
    ]
    reader = _reader(tmp_path, rows)
    assert values_of(reader) == {
        "name": ["ü", None],
        "n": [7, 2**40],
        "x": [1.5, 0.1],
        "when": [noon, noon],
        "day": [dt.datetime(2020, 1, 2), dt.datetime(9999, 12, 31)],  # noqa: DTZ001
        "clock": [11_045, 1],
        "took": [108_000, 0],
        "flag": ["true", "false"],
        "zip": ["007", "01"],
        "err": [None, 1],
    }
    assert reader.rows_total == 2
    assert [column.unit for column in reader.reading.columns if column.name in ("clock", "took")] == ["s", "s"]


def test_titles_blank_rows_and_units(tmp_path: Path) -> None:
    head: list[list[Any]] = [["Report of May"], [], ["t", "v", "w"], ["[s]", "[m]", "[K]"]]
    reader = _reader(tmp_path, [*head, [1, 2.5, 3], [], [2, 3.5, 4]])
    assert values_of(reader) == {"t": [1, 2], "v": [2.5, 3.5], "w": [3, 4]}
    assert [column.unit for column in reader.reading.columns] == ["s", "m", "K"]
    dialect = reader.reading.dialect
    assert dialect == Dialect("", "", encoding="", above=2, units_row=True, sheet="Data")
    assert "2 lines above the header left out." in [warning.text for warning in reader.reading.warnings]


def test_a_title_above_two_columns(tmp_path: Path) -> None:
    assert values_of(_reader(tmp_path, [["Title"], ["a", "b"], [1, 2], [3, None]])) == {"a": [1, 3], "b": [2, None]}


def test_without_a_header(tmp_path: Path) -> None:
    reader = _reader(tmp_path, [[1, 2.5], [2, 3.5]])
    assert values_of(reader) == {"column_1": [1, 2], "column_2": [2.5, 3.5]}


def test_other_sheets_are_said_and_can_be_chosen(tmp_path: Path) -> None:
    data = xlsx({"A": [["a"], [1]], "B": [["b"], ["x"]]})
    reader = _opened(tmp_path, data)
    assert reader.reading.sheets == ("A", "B")
    assert [warning.text for warning in reader.reading.warnings] == ["The sheet A is read, not: B."]
    assert values_of(_opened(tmp_path, data, Wishes({"sheet": "B"}))) == {"b": ["x"]}
    assert values_of(_opened(tmp_path, data, Wishes({"sheet": "C"}, firm=False))) == {"a": [1]}


def test_cells_that_do_not_fit(tmp_path: Path) -> None:
    reader = _reader(tmp_path, [["a", "b"], *[[1, 2]] * 150, [], ["soon", 3], *[[1, 2]] * 50])
    assert len(values_of(reader)["a"]) == 201
    assert reader.unreadable == {"a": Unreadable(1, (UnreadableCell(153, "soon"),))}


def test_wishes(tmp_path: Path) -> None:
    rows = [["note"], ["a", "b", "c"], [1, 2, "x"], [3, 4, "y"]]
    wishes = Wishes({"header": False, "above": 2}, {"column_1": {"name": "n"}, "column_2": {"leave_out": True}})
    assert values_of(_reader(tmp_path, rows, wishes)) == {"n": [1, 3], "column_3": ["x", "y"]}
    judged = _reader(tmp_path, rows).reading.dialect
    assert judged is not None
    # What a version was read by is wished as a whole.
    again = Wishes({"delimiter": "", "quote": "", "decimal": ".", "header": True, "above": 1, "sheet": "Data"})
    assert values_of(_reader(tmp_path, rows, again))["a"] == [1, 3]


@pytest.mark.parametrize(
    ("dialect", "field"),
    [
        ({"decimal": ","}, "reading.dialect.decimal"),
        ({"sheet": "None"}, "reading.dialect.sheet"),
        ({"above": 9}, "reading.dialect.above"),
        ({"above": -1}, "reading.dialect.above"),
    ],
)
def test_wishes_that_do_not_fit(tmp_path: Path, dialect: dict[str, Any], field: str) -> None:
    with pytest.raises(HalftoneError) as caught:
        _reader(tmp_path, [["a"], [1]], Wishes(dialect))
    assert (caught.value.code, caught.value.field) == (ErrorCode.PARAM_INVALID, field)


def test_a_header_alone_has_no_rows(tmp_path: Path) -> None:
    with pytest.raises(HalftoneError) as caught:
        _reader(tmp_path, [["a", "b"]])
    assert caught.value.code == ErrorCode.EMPTY_FILE


def test_opendocument_and_the_oldest_excel(tmp_path: Path) -> None:
    day = dt.datetime(2020, 1, 2)  # noqa: DTZ001
    assert values_of(_opened(tmp_path, ods([["a", "b"], [1.5, dt.date(2020, 1, 2)]]))) == {"a": [1.5], "b": [day]}
    old = values_of(_opened(tmp_path, (_CASES / "27-zip-codes.xls").read_bytes()))
    assert (old["Zip"], old["Since"][0], old["Level"]) == (["02494", "12010", "97007"], day, [1.5, 2, -3.25])


def test_a_sheet_that_needs_more_memory_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "version").mkdir()
    (tmp_path / "source").write_bytes(xlsx({"A": [["a"], [1]]}, ends_far=True))
    request = ConvertRequest(tmp_path / "source", "xlsx", tmp_path / "version", "d", "v", 1 << 40)
    with pytest.raises(HalftoneError) as caught:
        convert_in_child(request, LIMITS, lambda _: None, lambda: None)
    assert caught.value.code == ErrorCode.TOO_LARGE_UNCOMPRESSED
    assert "memory" in caught.value.detail


def test_nothing_changes_in_silence(tmp_path: Path) -> None:
    for seed in range(_TABLES):
        dice = random.Random(seed)  # noqa: S311 - the same tables each time
        kinds = dice.choices(list(_MAKERS), k=dice.choice((1, 2, 4)))
        names = [f"{kind} {place}" for place, kind in enumerate(kinds)]
        rows = [[_MAKERS[kind](dice) for kind in kinds] for _ in range(dice.choice((2, 5, 30)))]
        found = list(values_of(_reader(tmp_path, [names, *rows])).values())
        for place, kind in enumerate(kinds):
            assert found[place] == [row[place] for row in rows], (seed, kind)


def _time(dice: random.Random) -> dt.datetime:
    return dt.datetime(1950, 1, 1) + dt.timedelta(seconds=dice.randrange(10**10))  # noqa: DTZ001


_MAKERS: dict[str, Callable[[random.Random], Any]] = {
    "whole": lambda dice: dice.choice((dice.randrange(-9, 9), dice.randrange(-(2**53), 2**53))),
    "real": lambda dice: dice.uniform(-1, 1) * 10.0 ** dice.randrange(-300, 300),
    "time": _time,
    "word": lambda dice: dice.choice(("x", "ü & <b>", "007", "two\nlines", "a, b")),
}
