"""Structs are dotted, and encodings around values unpacked."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from ingest_rig.typed import typed

if TYPE_CHECKING:
    from halftone_compute.ingest.columns import Cells


def test_structs_are_dotted_and_null_where_they_are() -> None:
    inner = pa.array([{"x": 1, "deep": {"y": "a"}}, None, {"x": 3, "deep": None}])
    _, found = typed({"s": inner, "s.x": pa.array([7, 8, 9])})
    assert found == {"s.x": [1, None, 3], "s.deep.y": ["a", None, None], "s.x_2": [7, 8, 9]}


def test_the_null_of_a_struct_hides_what_lies_below() -> None:
    below = pa.StructArray.from_arrays([pa.array([1, 2])], ["x"], mask=pa.array([True, False]))
    _, found = typed({"s": below})
    assert found == {"s.x": [None, 2]}


def test_encodings_are_unpacked() -> None:
    runs: Cells = pa.RunEndEncodedArray.from_arrays(pa.array([2, 3], pa.int32()), pa.array([5, None]))
    bools = pa.ExtensionArray.from_storage(pa.bool8(), pa.array([0, 1, None], pa.int8()))
    days = pa.array([date(2020, 1, 1), None, date(2020, 1, 1)]).dictionary_encode()
    half = pa.array(np.array([1.5, 2, 3], np.float16))
    table, found = typed({"r": runs, "b": bools, "d": days, "h": half, "n": pa.nulls(3)})
    assert found["r"] == [5, 5, None]
    assert found["b"] == [False, True, None]
    assert found["d"] == [date(2020, 1, 1), None, date(2020, 1, 1)]
    assert [column.type for column in table.reading.columns] == ["number", "category", "time", "number", "number"]
