"""A table with a column of each sort."""

import pytest
from halftone_views.columns import ColumnInfo, Table


@pytest.fixture
def table() -> Table:
    """Like the flights sample, with the awkward columns that others bring."""
    return Table.of(
        "11111111-0000-4000-8000-000000000000",
        1000,
        [
            ColumnInfo("note", "text"),
            ColumnInfo("id", "number", "uint64", 0, 2.0**60),
            ColumnInfo("date", "time", "timestamp[ms]", 9.0e14, 9.1e14),
            ColumnInfo("carrier", "category", "string", distinct=3, categories=(("AA", 600), ("UA", 300), (None, 100))),
            ColumnInfo("delay", "number", "int16", -60, 1439, nulls=7),
            ColumnInfo("distance", "number", "double", 31, 4962),
            ColumnInfo("origin", "category", "string", distinct=300),
            ColumnInfo("empty", "number", "double", nulls=1000),
            ColumnInfo("none", "category", "string"),
        ],
    )
