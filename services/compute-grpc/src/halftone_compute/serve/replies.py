"""Replies of a Render stream with pieces, as bytes: a message would copy each piece four times, this copies it once."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from halftone.v1 import compute_pb2
from halftone_servicekit.wire_format import prefix

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

AnyPiece = TypeVar("AnyPiece", compute_pb2.EncodedPiece, compute_pb2.SampledPiece)
# Pieces share a message up to this size. A piece is never cut: a larger one has a message of its own.
MESSAGE_BYTES = 1 << 20
_REPLY = compute_pb2.RenderReply.DESCRIPTOR.fields_by_name["pieces"].number
_PIECES = compute_pb2.RenderPieces.DESCRIPTOR.fields_by_name["pieces"].number
_PIECE = compute_pb2.EncodedPiece.DESCRIPTOR.fields_by_name["piece"].number


def piece_replies(request_id: int, pieces: list[compute_pb2.EncodedPiece]) -> Iterator[bytes]:
    """Serialised `RenderReply` messages with the pieces in order, as few as their sizes allow."""
    for part in _parts(pieces):
        yield _reply(request_id, [field for piece in part for field in _field(piece.piece_id, piece.piece)])


def sampled_replies(request_id: int, sampled: compute_pb2.SampledPieces) -> Iterator[bytes]:
    """Serialised `RenderReply` messages with the pieces of a sample, likewise."""
    for part in _parts(sampled.pieces):
        pieces = compute_pb2.SampledPieces(fraction=sampled.fraction, pieces=part)
        yield compute_pb2.RenderReply(request_id=request_id, sampled=pieces).SerializeToString()


def _parts(pieces: Iterable[AnyPiece]) -> Iterator[list[AnyPiece]]:
    """The pieces in order, those of a message together."""
    part: list[AnyPiece] = []
    size = 0
    for piece in pieces:
        if size and size + len(piece.piece) > MESSAGE_BYTES:
            yield part
            part, size = [], 0
        part.append(piece)
        size += len(piece.piece)
    if part:
        yield part


def _field(piece_id: bytes, piece: bytes) -> tuple[bytes, bytes, bytes]:
    """One more piece of `RenderPieces`."""
    start = compute_pb2.EncodedPiece(piece_id=piece_id).SerializeToString() + prefix(_PIECE, len(piece))
    return prefix(_PIECES, len(start) + len(piece)), start, piece


def _reply(request_id: int, parts: list[bytes]) -> bytes:
    start = compute_pb2.RenderReply(request_id=request_id).SerializeToString()
    return b"".join((start, prefix(_REPLY, sum(map(len, parts))), *parts))
