"""A page as messages, for clients without Arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halftone.v1 import rows_pb2

if TYPE_CHECKING:
    from collections.abc import Iterator

    from halftone_compute.rows.pages import Page

# A text is cut behind this many bytes: 2,000 columns of them are a message of 1 MiB.
TEXT_BYTES = 500
# Rows share a message up to this size.
MESSAGE_BYTES = 1 << 20
_INT64 = 2**63


def messages_of(page: Page) -> Iterator[rows_pb2.RowCells]:
    """The rows of a page, in order, at least one in each message."""
    cells = [(cells.values.tolist(), cells.valid.tolist()) for cells in page.cells.values()]
    part, size = rows_pb2.RowCells(), 0
    for place, number in enumerate(page.numbers.tolist()):
        row = rows_pb2.Row(number=number)
        row.cells.extend(cell_of(values[place]) if valid[place] else rows_pb2.Cell() for values, valid in cells)
        if size and size + row.ByteSize() > MESSAGE_BYTES:
            yield part
            part, size = rows_pb2.RowCells(), 0
        part.rows.append(row)
        size += row.ByteSize()
    if part.rows:
        yield part


def cell_of(value: int | float | str) -> rows_pb2.Cell:
    """One cell that is not missing."""
    if isinstance(value, str):
        text = value.encode()
        if len(text) <= TEXT_BYTES:
            return rows_pb2.Cell(text=value)
        return rows_pb2.Cell(text=text[:TEXT_BYTES].decode("utf-8", "ignore"), cut=True)
    if isinstance(value, float):
        return rows_pb2.Cell(number=value)
    return rows_pb2.Cell(integer=value) if value < _INT64 else rows_pb2.Cell(natural=value)
