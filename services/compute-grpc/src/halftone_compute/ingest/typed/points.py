"""Points in one column become two: WKB (OGC 06-103r4, section 8, with PostGIS' flags), WKT, pairs of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from halftone_compute.ingest.columns import Cells

_POINT = 1
_SRID = 0x20000000
# Z and M of PostGIS, which sets them as bits; OGC adds 1,000, 2,000 or 3,000 to the kind.
_FLAGS = 0xE0000000
_LEAST_BYTES = 21
_NAMES = {2: "LINESTRING", 3: "POLYGON", 4: "MULTIPOINT", 5: "MULTILINESTRING", 6: "MULTIPOLYGON"}
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_KIND = r"(?i)^\s*(?:SRID=\d+;)?\s*POINT\s*(?:ZM|Z|M)?\s*"
_WKT = rf"{_KIND}\(\s*(?P<x>{_NUMBER})\s+(?P<y>{_NUMBER})(?:\s+{_NUMBER})*\s*\)\s*$"
_EMPTY = rf"{_KIND}EMPTY\s*$"


class Points:
    """`x` and `y` of shape (rows,), NaN where a row holds no point, and `unfit`, a mask of the rows that hold something
    else; an empty point is a missing one.
    """

    def __init__(self, x: np.ndarray, y: np.ndarray, unfit: np.ndarray) -> None:
        self.x = x
        self.y = y
        self.unfit = unfit


def points_of_wkb(cells: Cells) -> Points:
    """Cells of bytes. Any byte order, Z and M and SRID are read over."""
    binary: Cells = pc.cast(cells, pa.large_binary())
    rows = len(binary)
    if rows == 0:
        return Points(np.empty(0), np.empty(0), np.empty(0, bool))
    _, offsets, data = binary.buffers()
    bounds = np.frombuffer(memoryview(offsets), np.int64)[binary.offset : binary.offset + rows + 1]
    octets = np.frombuffer(memoryview(data), np.uint8) if data is not None else np.empty(0, np.uint8)
    starts, lengths = bounds[:-1], np.diff(bounds)
    points = Points(np.full(rows, np.nan), np.full(rows, np.nan), np.zeros(rows, bool))
    present = binary.is_valid().to_numpy(zero_copy_only=False)
    points.unfit = present & (lengths < _LEAST_BYTES)
    read = np.flatnonzero(present & ~points.unfit)
    order = octets[starts[read]]
    points.unfit[read[order > 1]] = True
    for value, mark in ((0, ">"), (1, "<")):
        _read_order(points, octets, starts, lengths, read[order == value], mark)
    return points


def points_of_wkt(cells: Cells) -> Points:
    """Cells of text."""
    found: Cells = pc.extract_regex(cells, _WKT)
    x, y = (pc.cast(pc.struct_field(found, [place]), pa.float64()) for place in (0, 1))
    empty: Cells = pc.match_substring_regex(cells, _EMPTY)
    holds = [each.is_valid().to_numpy(zero_copy_only=False) for each in (cells, found)]
    is_empty = empty.fill_null(False).to_numpy(zero_copy_only=False)
    return Points(_floats(x), _floats(y), holds[0] & ~holds[1] & ~is_empty)


def points_of_pairs(cells: Cells) -> Points:
    """Cells of fixed-size lists of two to four numbers (GeoArrow's interleaved points)."""
    x, y = (_floats(pc.list_element(cells, place)) for place in (0, 1))
    return Points(x, y, np.zeros(len(cells), bool))


def wkb_name(cell: bytes) -> str:
    """What a cell that is no point holds."""
    if len(cell) < 5 or cell[0] > 1:
        return f"{len(cell)} bytes"
    kind = int.from_bytes(cell[1:5], "little" if cell[0] else "big")
    return _NAMES.get((kind & ~_FLAGS) % 1_000, f"a shape of kind {kind}")


def _floats(cells: Cells) -> np.ndarray:
    numbers: Cells = pc.cast(cells, pa.float64())
    found: np.ndarray = numbers.to_numpy(zero_copy_only=False)
    return found


def _read_order(
    points: Points, octets: np.ndarray, starts: np.ndarray, lengths: np.ndarray, rows: np.ndarray, order: str
) -> None:
    kind = _gathered(octets, starts[rows] + 1, f"{order}u4")
    srid = (kind & _SRID) != 0
    unfit = ((kind & ~np.uint32(_FLAGS)) % 1_000 != _POINT) | (lengths[rows] < np.where(srid, 25, _LEAST_BYTES))
    points.unfit[rows[unfit]] = True
    rows, first = rows[~unfit], (starts[rows] + np.where(srid, 9, 5))[~unfit]
    points.x[rows] = _gathered(octets, first, f"{order}f8")
    points.y[rows] = _gathered(octets, first + 8, f"{order}f8")


def _gathered(octets: np.ndarray, starts: np.ndarray, dtype: str) -> np.ndarray:
    """One number from the bytes at each start."""
    width = np.dtype(dtype).itemsize
    return np.ascontiguousarray(octets[starts[:, None] + np.arange(width)]).view(dtype)[:, 0]
