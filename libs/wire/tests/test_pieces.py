"""Pieces with their planes as arrays."""

import numpy as np
import pytest
from google.protobuf.message import DecodeError
from halftone.v1 import frame_pb2
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_wire import Plane, decode_piece, encode, piece_bytes

COUNT, CATEGORY = frame_pb2.PLANE_ROLE_COUNT, frame_pb2.PLANE_ROLE_CATEGORY
ADDRESS = frame_pb2.TileAddress(ex=-3, ix=4, ey=1, iy=-2)


def message(*planes: Plane, address: frame_pb2.TileAddress | None = ADDRESS) -> frame_pb2.Piece:
    return frame_pb2.Piece(
        piece_id=b"0123456789abcdef",
        extent=frame_pb2.Extent(x0=-1.5, x1=2.5, y0=0.0, y1=1.0),
        width=3,
        height=2,
        planes=[encode(plane) for plane in planes],
        address=address,
    )


def test_a_piece_is_read_from_a_message_and_from_bytes() -> None:
    cells = np.arange(6).reshape(2, 3)
    made = message(Plane(COUNT, cells))
    for given in (made, made.SerializeToString()):
        piece = decode_piece(given)
        assert (piece.piece_id, piece.width, piece.height) == (b"0123456789abcdef", 3, 2)
        assert piece.extent == (-1.5, 2.5, 0.0, 1.0)
        assert piece.address == ADDRESS
        np.testing.assert_array_equal(piece.cells(COUNT), cells)


def test_a_free_viewport_has_no_address() -> None:
    assert decode_piece(message(address=None)).address is None


def test_planes_are_found_by_role_and_category() -> None:
    piece = decode_piece(message(*(Plane(CATEGORY, np.full((2, 3), index), index) for index in (0, 1))))
    assert piece.cells(CATEGORY, 1).tolist() == [[1, 1, 1], [1, 1, 1]]
    for role, category in ((CATEGORY, 2), (COUNT, 0)):
        with pytest.raises(HalftoneError) as caught:
            piece.cells(role, category)
        assert caught.value.code is ErrorCode.DATA_CORRUPT


def test_what_is_no_piece_is_refused() -> None:
    with pytest.raises(DecodeError):
        decode_piece(b"\xff")
    with pytest.raises(HalftoneError):
        decode_piece(frame_pb2.Piece(width=9, height=9, planes=message(Plane(COUNT, np.ones((2, 3)))).planes))


@pytest.mark.parametrize("address", [ADDRESS, None, frame_pb2.TileAddress()])
@pytest.mark.parametrize("planes", [0, 1, 17])
@pytest.mark.parametrize("extent", [(-1.5, 2.5, 0.0, 1.0), (0.0, 0.0, 0.0, 0.0)])
def test_serialised_planes_make_the_bytes_of_the_message(
    address: frame_pb2.TileAddress | None, planes: int, extent: tuple[float, float, float, float]
) -> None:
    cells = np.random.default_rng(planes).integers(1, 9, (300, 300))
    made = [encode(Plane(CATEGORY, cells, index)) for index in range(planes)]
    x0, x1, y0, y1 = extent
    whole = frame_pb2.Piece(
        piece_id=b"0123456789abcdef",
        extent=frame_pb2.Extent(x0=x0, x1=x1, y0=y0, y1=y1),
        width=300,
        height=300,
        planes=made,
        address=address,
    )
    parts = [plane.SerializeToString() for plane in made]
    assert piece_bytes(whole.piece_id, extent, 300, 300, parts, address) == whole.SerializeToString()


def test_cells_of_ranked_steps_say_which_they_are() -> None:
    made = message(Plane(COUNT, np.arange(6).reshape(2, 3)))
    assert decode_piece(made).steps == ()
    made.steps.extend([300, 0, 7])
    serialised = piece_bytes(
        made.piece_id,
        (-1.5, 2.5, 0.0, 1.0),
        3,
        2,
        [plane.SerializeToString() for plane in made.planes],
        ADDRESS,
        steps=[300, 0, 7],
    )
    assert frame_pb2.Piece.FromString(serialised) == made
    assert decode_piece(serialised).steps == (300, 0, 7)
