"""Pieces in Python: planes as bytes and arrays, decoded pieces, estimates of samples, finishers."""

from halftone_wire.estimates import estimated
from halftone_wire.finishers import categories_of, finish
from halftone_wire.intervals import half_interval
from halftone_wire.lines import Line, lines_of
from halftone_wire.packed import warm_up
from halftone_wire.pieces import Piece, decode_piece, piece_bytes
from halftone_wire.planes import Plane, decode, encode

__all__ = [
    "Line",
    "Piece",
    "Plane",
    "categories_of",
    "decode",
    "decode_piece",
    "encode",
    "estimated",
    "finish",
    "half_interval",
    "lines_of",
    "piece_bytes",
    "warm_up",
]
