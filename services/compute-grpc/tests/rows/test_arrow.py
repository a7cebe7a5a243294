"""Pages as Arrow keep types, units and what is missing."""

import numpy as np
import pyarrow as pa
from halftone_compute.rows.arrow import arrow_of
from halftone_compute.rows.pages import Page
from halftone_compute.store.base import Cells
from halftone_views.columns import ColumnInfo

COLUMNS = {
    "i": ColumnInfo("i", "number", "int16", unit="m"),
    "f": ColumnInfo("f", "number", "double"),
    "t": ColumnInfo("t", "time", "timestamp[ms]", time_unit="ms"),
    "c": ColumnInfo("c", "category", "string"),
    "s": ColumnInfo("s", "text", "string"),
}


def test_columns_keep_their_types() -> None:
    valid = np.array([True, False])
    values = {
        "i": np.array([3, 0], "i2"),
        "f": np.array([np.inf, np.nan]),
        "t": np.array([1500, 0]),
        "c": np.array(["a", None], object),
        "s": np.array(["é", ""], object),
    }
    page = Page(2, np.array([0, 1]), {name: Cells(cells, valid) for name, cells in values.items()}, 2, 0.0)
    table = pa.ipc.open_stream(arrow_of(page, COLUMNS)).read_all()
    assert table.schema.types == [pa.int16(), pa.float64(), pa.timestamp("ms", "UTC"), pa.string(), pa.string()]
    assert table.schema.field("i").metadata == {b"unit": b"m"}
    assert table.schema.field("f").metadata is None
    (first, second) = table.to_pylist()
    assert (first["i"], first["f"], first["t"].isoformat(), first["c"], first["s"]) == (
        3,
        float("inf"),
        "1970-01-01T00:00:01.500000+00:00",
        "a",
        "é",
    )
    assert set(second.values()) == {None}
