"""What a published version has to say about its file, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from halftone_views.columns import ColumnInfo

    from halftone_compute.store.manifest import Manifest


def warnings_of(manifest: Manifest) -> list[dict[str, str]]:
    """Those of the reading, and one for each column with values that a picture has no place for."""
    found: list[dict[str, str]] = list(manifest.reading.get("warnings", ()))
    for column in manifest.columns:
        found += _misplaced(column.info)
    return found


def _misplaced(column: ColumnInfo) -> Iterator[dict[str, str]]:
    if column.infinite:
        text = f"{column.name}: {_values(column.infinite)} infinite, and no picture has a place for them."
        yield {"code": "infinite", "text": text, "column": column.name}
    if column.out_of_range:
        text = f"{column.name}: {_values(column.out_of_range)} outside of the years 1 to 9999, and left empty."
        yield {"code": "out_of_range", "text": text, "column": column.name}


def _values(count: int) -> str:
    return "1 value is" if count == 1 else f"{count:,} values are"
