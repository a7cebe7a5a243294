"""Cells that did not fit, with their rows."""

from __future__ import annotations

import pyarrow as pa
from halftone_compute.ingest.reading import Unreadable, UnreadableCell
from halftone_compute.ingest.typed.table import TypedTable
from ingest_rig.typed import LINE, POINT, typed, wish


def test_shapes_among_points_are_counted_with_their_rows() -> None:
    cells = [POINT] * 1_000
    cells[7] = cells[400] = LINE
    table, found = typed({"g": pa.array(cells)})
    assert found["g.x"][6:9] == [1.5, None, 1.5]
    kept = (UnreadableCell(8, "LINESTRING"), UnreadableCell(401, "LINESTRING"))
    assert table.unreadable == {"g.x": Unreadable(2, kept), "g.y": Unreadable(2, kept)}


def test_rows_are_counted_over_batches_and_ten_cells_are_kept() -> None:
    batch = pa.record_batch({"d": pa.array([20200101, 20200230] * 4)})
    table = TypedTable("test", batch.schema, wish(d={"type": "time", "format": "%Y%m%d"}), [batch])
    for _ in range(5):
        table.arrays(batch)
    assert table.unreadable["d"].count == 20
    assert [cell.line for cell in table.unreadable["d"].cells] == [2, 4, 6, 8, 10, 12, 14, 16, 18, 20]
