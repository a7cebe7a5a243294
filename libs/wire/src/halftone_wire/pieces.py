"""A piece with its planes as arrays, and a serialised piece out of planes that are serialised already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from halftone.v1 import frame_pb2
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_servicekit.wire_format import prefix

from halftone_wire.planes import Plane, decode

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from halftone_wire.planes import Role

_PLANES = frame_pb2.Piece.DESCRIPTOR.fields_by_name["planes"].number


@dataclass(frozen=True, slots=True)
class Piece:
    """One grid: `extent` is (x0, x1, y0, y1) in data units, `address` that of a tile, None for a free viewport.
    `fraction` is the share of the rows that the planes are made of, 1 unless that is a sample. `steps` and
    `steps_y` name the step that each cell of x and of y stands for, where their order is not that of the axis.
    """

    piece_id: bytes
    extent: tuple[float, float, float, float]
    width: int
    height: int
    planes: tuple[Plane, ...]
    address: frame_pb2.TileAddress | None = None
    fraction: float = 1.0
    steps: tuple[int, ...] = ()
    steps_y: tuple[int, ...] = ()

    def cells(self, role: Role, category: int = 0) -> np.ndarray:
        """The numbers of a plane, shape (height, width), lowest y first. Raises `data_corrupt` when it is not there."""
        for plane in self.planes:
            if (plane.role, plane.category) == (role, category):
                return plane.cells
        raise HalftoneError(ErrorCode.DATA_CORRUPT, "A piece lacks a plane.")


def decode_piece(message: frame_pb2.Piece | bytes) -> Piece:
    """A piece of a message or its bytes. Raises `data_corrupt` for a plane that does not fit its size, and protobuf's
    `DecodeError` for bytes that are no message.
    """
    piece = frame_pb2.Piece.FromString(message) if isinstance(message, bytes) else message
    planes = (Plane(plane.role, decode(plane, piece.width, piece.height), plane.category) for plane in piece.planes)
    return Piece(
        piece_id=piece.piece_id,
        extent=(piece.extent.x0, piece.extent.x1, piece.extent.y0, piece.extent.y1),
        width=piece.width,
        height=piece.height,
        planes=tuple(planes),
        address=piece.address if piece.HasField("address") else None,
        fraction=piece.fraction or 1.0,
        steps=tuple(piece.steps),
        steps_y=tuple(piece.steps_y),
    )


def piece_bytes(
    piece_id: bytes,
    extent: tuple[float, float, float, float],
    width: int,
    height: int,
    planes: Sequence[bytes],
    address: frame_pb2.TileAddress | None = None,
    fraction: float = 1.0,
    steps: Sequence[int] = (),
    steps_y: Sequence[int] = (),
) -> bytes:
    """A serialised `Piece` of serialised `Plane` messages, which are copied as they are and not looked into.

    The bytes are those that a message with these planes serialises to. `extent` is (x0, x1, y0, y1) in data units,
    `fraction` the share of the rows that the planes are made of, `steps` and `steps_y` those of the cells where
    they are ranked.
    """
    x0, x1, y0, y1 = extent
    box = frame_pb2.Extent(x0=x0, x1=x1, y0=y0, y1=y1)
    parts = [frame_pb2.Piece(piece_id=piece_id, extent=box, width=width, height=height).SerializeToString()]
    for plane in planes:
        parts += (prefix(_PLANES, len(plane)), plane)
    if address is not None:
        parts.append(frame_pb2.Piece(address=address).SerializeToString())
    if fraction != 1:
        parts.append(frame_pb2.Piece(fraction=fraction).SerializeToString())
    if steps:
        parts.append(frame_pb2.Piece(steps=steps).SerializeToString())
    if steps_y:
        parts.append(frame_pb2.Piece(steps_y=steps_y).SerializeToString())
    return b"".join(parts)
