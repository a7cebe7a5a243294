"""The tiles of a pair that were made at an import, by address."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from halftone.v1 import frame_pb2
from halftone_views.lattice import TILE
from halftone_wire import decode_piece, encode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from halftone_views.lattice import Address
    from halftone_wire import Plane


class Level(NamedTuple):
    """The tiles of one level: int64 arrays of shape (tiles,), and their places in the directory."""

    ix: np.ndarray
    iy: np.ndarray
    places: np.ndarray


@dataclass(frozen=True)
class Pyramid:
    """`directory` is of `store.index.entry.DIRECTORY`, `data` has the bytes of all tiles. Square levels are
    (k + offset, k).
    """

    offset: int
    directory: np.ndarray
    data: np.ndarray

    @cached_property
    def levels(self) -> dict[tuple[int, int], Level]:
        """By exponents (ex, ey)."""
        if not len(self.directory):
            return {}
        exponents = self.directory[["ex", "ey"]]
        edges = np.flatnonzero(exponents[1:] != exponents[:-1]) + 1
        return {
            (int(part["ex"][0]), int(part["ey"][0])): Level(part["ix"], part["iy"], places)
            for part, places in zip(
                np.split(self.directory, edges), np.split(np.arange(len(self.directory)), edges), strict=True
            )
        }

    def base_of(self, ex: int, ey: int) -> tuple[int, int]:
        """The coarsest level with tiles whose cells are no longer than those of a level, on either axis."""
        if not self.levels:
            return ex, ey
        k = min(ex - self.offset, ey, self._top)
        has_longer = k < self._top and ey == k and ex > k + self.offset
        return k + self.offset + has_longer, k

    @cached_property
    def _top(self) -> int:
        """The exponent of the coarsest cells on y."""
        return max(ey for _, ey in self.levels)

    def planes_of(self, place: int) -> list[Plane]:
        """The planes of a tile of the directory. Raises HalftoneError `data_corrupt`."""
        return planes_in(self.bytes_of(place))

    def bytes_of(self, place: int) -> bytes:
        """Its planes as they lie: a serialised piece without anything else."""
        entry = self.directory[place]
        start = int(entry["start"])
        return self.data[start : start + int(entry["size"])].tobytes()

    @cached_property
    def _by_address(self) -> dict[tuple[int, int, int, int], int]:
        names = ("ex", "ix", "ey", "iy")
        return {
            key: place for place, key in enumerate(zip(*(self.directory[name].tolist() for name in names), strict=True))
        }

    def place_of(self, address: Address) -> int | None:
        """The place of a tile in the directory; None when it is not stored."""
        return self._by_address.get((address.ex, address.ix, address.ey, address.iy))


def planes_in(data: bytes) -> list[Plane]:
    """The planes of the bytes of a tile. Raises HalftoneError `data_corrupt`."""
    piece = frame_pb2.Piece.FromString(data)
    piece.width = piece.height = TILE
    return list(decode_piece(piece).planes)


def tile_bytes(planes: Sequence[Plane]) -> bytes:
    """What `planes_in` reads: a serialised piece that has planes only, which a message may begin or end with."""
    return frame_pb2.Piece(planes=[encode(plane) for plane in planes]).SerializeToString()
