"""What a version has to say about its file."""

from __future__ import annotations

from halftone_compute.ingest.jobs.warnings import warnings_of
from halftone_compute.store.data_file import DataFile
from halftone_compute.store.manifest import ColumnEntry, Manifest
from halftone_views.columns import ColumnInfo

NO_HEADER = {"code": "no_header", "text": "There is no header.", "column": ""}


def _manifest(*columns: ColumnInfo) -> Manifest:
    entries = tuple(ColumnEntry(info, "plain", "<f8", {"values": DataFile("a", 0, "")}) for info in columns)
    return Manifest("d", "v", 4, "hash", entries, reading={"warnings": [NO_HEADER]})


def test_a_reading_speaks_first_and_then_each_column() -> None:
    columns = [ColumnInfo("v", "number", infinite=1), ColumnInfo("t", "time", out_of_range=2_000)]
    assert warnings_of(_manifest(*columns, ColumnInfo("w", "number"))) == [
        NO_HEADER,
        {"code": "infinite", "text": "v: 1 value is infinite, and no picture has a place for them.", "column": "v"},
        {
            "code": "out_of_range",
            "text": "t: 2,000 values are outside of the years 1 to 9999, and left empty.",
            "column": "t",
        },
    ]


def test_a_version_without_a_reading_has_nothing_to_say() -> None:
    assert warnings_of(Manifest("d", "v", 4, "hash", ())) == []
