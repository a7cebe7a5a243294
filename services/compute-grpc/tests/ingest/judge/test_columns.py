"""The columns of a text table: judged, named, changed as wished, converted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from halftone_compute.ingest.judge.columns import TextColumns
from halftone_compute.ingest.reading import Dialect, Wishes
from halftone_servicekit.errors import ErrorCode, HalftoneError

if TYPE_CHECKING:
    from collections.abc import Mapping


def _judged(
    cells: Mapping[str, list[str]],
    changes: Mapping[str, Any] | None = None,
    *,
    firm: bool = True,
    units: tuple[str, ...] = (),
    dialect: Dialect | None = None,
) -> TextColumns:
    columns = TextColumns(tuple(cells), Wishes(columns=changes or {}, firm=firm), units, dialect or Dialect())
    columns.add([pa.array(column) for column in cells.values()])
    columns.finish()
    return columns


def test_names_types_and_units() -> None:
    found = _judged({"a": ["1"], "": ["x"], "t": ["2020-01-01"]}, units=("m", "", "UTC"))
    assert [(column.name, column.kind.value) for column in found.columns] == [
        ("a", "number"),
        ("column_2", "category"),
        ("t", "time"),
    ]
    assert [reading.unit for reading in found.readings] == ["m", "", "UTC"]
    assert found.converted(0, pa.array(["7", "x", ""])).array.to_pylist() == [7, None, None]


def test_marks_between_groups() -> None:
    found = _judged({"a": ["1,234.5"], "b": ["1"]})
    assert found.thousands == ","
    assert found.converted(0, pa.array(["2,345.5"])).array.to_pylist() == [2345.5]
    assert _judged({"a": ["1"]}).thousands == ""


def test_what_a_person_changes() -> None:
    changes = {
        "a": {"name": "first", "type": "category"},
        "b": {"leave_out": True},
        "c": {"missing": ["x"], "unit": "s"},
    }
    found = _judged({"a": ["1"], "b": ["2"], "c": ["3"]}, changes, units=("", "", "m"))
    assert [column.name for column in found.columns] == ["first", "c"]
    assert found.places == (0, 2)
    assert found.readings[2].unit == "s"
    assert found.converted(2, pa.array(["x", "1"])).missing == 1


def test_a_unit_of_the_file_stays_with_other_changes() -> None:
    assert _judged({"a": ["1"]}, {"a": {"name": "b"}}, units=("m",)).readings[0].unit == "m"


def test_what_a_version_before_had() -> None:
    changes = {"a": {"name": "b", "type": "time"}, "gone": {"name": "x"}, "b": {"type": "number"}}
    found = _judged({"a": ["1"], "b": ["2"]}, changes, firm=False)
    assert [(reading.name, reading.type) for reading in found.readings] == [("b", "number"), ("b_2", "number")]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"x": {}}, "reading.columns.x"),
        ({"a": {"name": "b"}, "b": {"name": "b"}}, "reading.columns.b.name"),
        ({"a": {"name": "x" * 300}}, "reading.columns.a.name"),
        ({"a": {"leave_out": True}, "b": {"leave_out": True}}, "reading.columns.a.leave_out"),
    ],
)
def test_firm_wishes_that_do_not_fit(changes: Mapping[str, Any], field: str) -> None:
    with pytest.raises(HalftoneError) as caught:
        _judged({"a": ["1"], "b": ["2"]}, changes)
    assert (caught.value.code, caught.value.field) == (ErrorCode.PARAM_INVALID, field)
