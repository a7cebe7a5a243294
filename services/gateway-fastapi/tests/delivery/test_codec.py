"""Both encodings say the same, and pieces pass through unread."""

import json

import pytest
from gateway_rig.client import opening, struct
from google.protobuf import json_format
from halftone.v1 import session_pb2 as pb
from halftone.v1.compute_pb2 import ViewAxis
from halftone.v1.frame_pb2 import (
    DTYPE_U8,
    FRAME_STATUS_EXACT,
    Extent,
    Piece,
    Plane,
    Quantity,
    Receipt,
    TileAddress,
    Unplaced,
    Viewport,
)
from halftone_gateway.delivery.codec import JSON, PROTO, Codec, codecs
from halftone_gateway.delivery.frame_message import FrameMessage
from halftone_gateway.pieces.cache import PieceCache, Scope
from halftone_servicekit.errors import HalftoneError

CACHE = PieceCache(10_000)
CODECS = codecs(CACHE)
MESSAGES = [
    pb.ClientMessage(auth=pb.Auth(access_token="t")),
    pb.ClientMessage(open=opening(held=[b"x" * 16])),
    pb.ClientMessage(
        set=pb.Set(view_id=1, seq=2**32 - 1, options=struct({"x": None, "deep": {"list": [1, "a", True]}}))
    ),
    pb.ClientMessage(drop=pb.Drop(piece_ids=[bytes(16)])),
    pb.ClientMessage(ping=pb.Ping()),
]


def piece(number: int, *planes: bytes) -> Piece:
    """A piece with planes of these cells."""
    return Piece(
        piece_id=bytes([number]) * 16,
        extent=Extent(x1=1),
        width=256,
        height=256,
        planes=[Plane(dtype=DTYPE_U8, data=data, category=place) for place, data in enumerate(planes)],
        address=TileAddress(ix=-(2**60)),
    )


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.WhichOneof("message"))
def test_a_message_is_the_same_in_both_encodings(message: pb.ClientMessage) -> None:
    assert CODECS[PROTO].decode(message.SerializeToString()) == message
    assert CODECS[JSON].decode(json.dumps(json_format.MessageToDict(message))) == message


def test_both_spellings_of_a_field_are_read() -> None:
    assert CODECS[JSON].decode('{"close": {"view_id": 3}}') == CODECS[JSON].decode('{"close": {"viewId": 3}}')


def test_whole_numbers_may_be_written_with_a_point() -> None:
    assert CODECS[JSON].decode('{"close": {"viewId": 3.0}}').close.view_id == 3


@pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS)
def test_what_goes_out_is_read_back(codec: Codec) -> None:
    message = pb.ServerMessage(error=pb.Error(code="bad_seq", seq=4))
    assert read(codec.encode(message)) == message


@pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS)
@pytest.mark.parametrize("pieces", [[], [piece(1)], [piece(2), piece(3, b"", bytes(300)), piece(4, b"\xff" * 70_000)]])
def test_joined_pieces_are_the_frame_that_is_written_whole(codec: Codec, pieces: list[Piece]) -> None:
    whole = pb.Frame(
        view_id=1,
        seq=2,
        status=FRAME_STATUS_EXACT,
        pieces=pieces,
        reuse=[b"r" * 16],
        receipt=Receipt(backend='"pieces":[]', unplaced=Unplaced(missing=2**60)),
        viewport=Viewport(extent=Extent(x1=0.1), width=640),
        quantity=Quantity(label='"data":""'),
    )
    header = pb.Frame.FromString(whole.SerializeToString())
    header.ClearField("pieces")
    message = FrameMessage(header, [(each.piece_id, each.SerializeToString()) for each in pieces])
    sent = codec.encode_frame(message)
    assert read(sent) == pb.ServerMessage(frame=whole)
    if isinstance(sent, str):
        plain = json_format.MessageToDict(pb.ServerMessage(frame=whole), always_print_fields_with_no_presence=True)
        assert json.loads(sent) == plain


def test_a_cached_piece_is_printed_once() -> None:
    serialised = piece(7, b"cells").SerializeToString()
    CACHE.put(b"7" * 16, Scope("v", "p"), serialised)
    message = FrameMessage(pb.Frame(), [(b"7" * 16, serialised)])
    first = CODECS[JSON].encode_frame(message)
    assert CODECS[JSON].encode_frame(message) == first
    assert CACHE.text(b"7" * 16, serialised, lambda _: "printed again") in first


@pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS)
def test_what_a_picture_shows_is_written_for_each_frame(codec: Codec) -> None:
    for label, column in (("Rows", "delay"), ("Mean of delay", "distance"), ("Rows", "delay")):
        quantity, x = Quantity(label=label), ViewAxis(column=column)
        frame = read(codec.encode_frame(FrameMessage(pb.Frame(seq=2, quantity=quantity, x=x)))).frame
        assert (frame.quantity, frame.x) == (quantity, x)
        assert not frame.HasField("y")


def test_the_relayed_frame_has_the_numbers_of_the_real_one() -> None:
    for relay, real in ((pb.RelayMessage, pb.ServerMessage), (pb.RelayFrame, pb.Frame)):
        for field in relay.DESCRIPTOR.fields:
            twin = real.DESCRIPTOR.fields_by_name[field.name]
            assert twin.number == field.number
            assert twin.is_repeated == field.is_repeated


def test_json_prints_zeros_and_empty_lists() -> None:
    frame = json.loads(CODECS[JSON].encode_frame(FrameMessage(pb.Frame())))["frame"]
    zeros = {"viewId": 0, "seq": 0, "status": "FRAME_STATUS_UNSPECIFIED", "progress": 0.0}
    assert frame == {**zeros, "pieces": [], "reuse": []}


@pytest.mark.parametrize(("codec", "data"), [(CODECS[PROTO], "{}"), (CODECS[JSON], b"{}")])
def test_the_other_type_of_frame_is_refused(codec: Codec, data: bytes | str) -> None:
    with pytest.raises(HalftoneError, match="bad_message"):
        codec.decode(data)


def test_unknown_fields_are_ignored_in_binary() -> None:
    data = pb.ClientMessage(ping=pb.Ping()).SerializeToString() + b"\xfa\x01\x01x"
    assert CODECS[PROTO].decode(data).HasField("ping")


def test_there_are_two_encodings() -> None:
    assert list(CODECS) == [PROTO, JSON]


def read(data: bytes | str) -> pb.ServerMessage:
    return pb.ServerMessage.FromString(data) if isinstance(data, bytes) else json_format.Parse(data, pb.ServerMessage())
