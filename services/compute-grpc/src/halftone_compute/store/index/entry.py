"""What a manifest says of an index, and how its files lie.

starts      uint64, the first row of each leaf, and the number of rows
zones       float64 of shape (zoned columns, 2, leaves): least and greatest finite values
numbers     the number that each row has in the file, uint32, or uint64 from 2^32 rows on
tiles       the planes of tiles, one after the other, each a serialised `halftone.v1.Piece` that has planes only
directory   where each lies: DIRECTORY, sorted by level, then iy, then ix
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from halftone_compute.store.data_file import DataFile

ROLES: Final = ("starts", "zones", "numbers", "tiles", "directory")
DIRECTORY: Final = np.dtype(
    [("ex", "<i2"), ("ey", "<i2"), ("ix", "<i8"), ("iy", "<i8"), ("start", "<u8"), ("size", "<u4"), ("rows", "<u8")]
)
NARROW_ROWS: Final = 2**32


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """Rows are ordered by the columns `x` and `y`, whose square levels are (k + offset, k); the first `placed` rows
    have a place on both. `zoned` names the columns with zone maps. `files` has one for each of ROLES.
    """

    x: str
    y: str
    offset: int
    placed: int
    zoned: tuple[str, ...]
    files: Mapping[str, DataFile]


def number_dtype(rows: int) -> np.dtype[np.unsignedinteger]:
    """The type of row numbers."""
    return np.dtype("<u4") if rows <= NARROW_ROWS else np.dtype("<u8")
