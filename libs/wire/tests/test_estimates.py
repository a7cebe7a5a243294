"""Counts and sums of a sample grow to those of all rows; what lies between values stays."""

import numpy as np
import pytest
from halftone.v1 import frame_pb2
from halftone_wire import Plane, decode_piece, encode, estimated, finish, piece_bytes

COUNT, VALID, SUM = frame_pb2.PLANE_ROLE_COUNT, frame_pb2.PLANE_ROLE_VALID, frame_pb2.PLANE_ROLE_SUM
SQUARES, MAX, FIRST = frame_pb2.PLANE_ROLE_SQUARES, frame_pb2.PLANE_ROLE_MAX, frame_pb2.PLANE_ROLE_FIRST
CELLS = np.array([[0, 2], [4, 6]], np.uint32)


def sent(fraction: float, *roles: frame_pb2.PlaneRole.ValueType) -> bytes:
    planes = [encode(Plane(role, CELLS)).SerializeToString() for role in roles]
    return piece_bytes(b"i" * 16, (0, 2, 0, 2), 2, 2, planes, fraction=fraction)


@pytest.mark.parametrize("role", [COUNT, VALID, SUM, SQUARES, frame_pb2.PLANE_ROLE_CATEGORY])
def test_counts_and_sums_grow(role: frame_pb2.PlaneRole.ValueType) -> None:
    piece = decode_piece(sent(0.25, role))
    assert piece.fraction == 0.25
    np.testing.assert_array_equal(piece.cells(role), CELLS)
    np.testing.assert_array_equal(estimated(piece).cells(role), CELLS * 4)


@pytest.mark.parametrize("role", [MAX, FIRST, frame_pb2.PLANE_ROLE_MIN, frame_pb2.PLANE_ROLE_LAST])
def test_values_stay(role: frame_pb2.PlaneRole.ValueType) -> None:
    np.testing.assert_array_equal(estimated(decode_piece(sent(0.25, role))).cells(role), CELLS)


def test_means_stay() -> None:
    mean = frame_pb2.Quantity(
        finisher=frame_pb2.FINISHER_RATIO, planes=[SUM], empty=frame_pb2.EMPTY_NO_VALUE, value="v"
    )
    piece = decode_piece(sent(0.3, COUNT, VALID, SUM))
    np.testing.assert_allclose(finish(mean, estimated(piece).planes), finish(mean, piece.planes), rtol=1e-12)


def test_an_exact_piece_is_itself() -> None:
    piece = decode_piece(sent(1.0, COUNT))
    assert piece.fraction == 1
    assert estimated(piece) is piece
    assert frame_pb2.Piece.FromString(sent(1.0, COUNT)).fraction == 0
