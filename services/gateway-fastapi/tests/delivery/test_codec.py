"""Both encodings say the same, and pieces pass through unread."""

import json

import pytest
from gateway_rig.client import opening, struct
from google.protobuf import json_format
from halftone.v1 import session_pb2 as pb
from halftone.v1.compute_pb2 import ViewAxis
from halftone.v1.frame_pb2 import FRAME_STATUS_EXACT, Extent, Piece, Quantity, TileAddress
from halftone_gateway.delivery.codec import CODECS, JSON, PROTO, Codec, JsonCodec, ProtoCodec
from halftone_servicekit.errors import HalftoneError

MESSAGES = [
    pb.ClientMessage(auth=pb.Auth(access_token="t")),
    pb.ClientMessage(open=opening(held=[b"x" * 16])),
    pb.ClientMessage(
        set=pb.Set(view_id=1, seq=2**32 - 1, options=struct({"x": None, "deep": {"list": [1, "a", True]}}))
    ),
    pb.ClientMessage(drop=pb.Drop(piece_ids=[bytes(16)])),
    pb.ClientMessage(ping=pb.Ping()),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.WhichOneof("message"))
def test_a_message_is_the_same_in_both_encodings(message: pb.ClientMessage) -> None:
    assert ProtoCodec().decode(message.SerializeToString()) == message
    assert JsonCodec().decode(json.dumps(json_format.MessageToDict(message))) == message


def test_both_spellings_of_a_field_are_read() -> None:
    assert JsonCodec().decode('{"close": {"view_id": 3}}') == JsonCodec().decode('{"close": {"viewId": 3}}')


def test_whole_numbers_may_be_written_with_a_point() -> None:
    assert JsonCodec().decode('{"close": {"viewId": 3.0}}').close.view_id == 3


@pytest.mark.parametrize("codec", [ProtoCodec(), JsonCodec()], ids=[PROTO, JSON])
def test_what_goes_out_is_read_back(codec: Codec) -> None:
    message = pb.ServerMessage(error=pb.Error(code="bad_seq", seq=4))
    assert read(codec.encode(message)) == message


@pytest.mark.parametrize("codec", [ProtoCodec(), JsonCodec()], ids=[PROTO, JSON])
def test_a_frame_of_serialised_pieces_is_a_frame(codec: Codec) -> None:
    piece = Piece(piece_id=b"p" * 16, extent=Extent(x1=1), width=256, height=256, address=TileAddress(ix=-(2**60)))
    relay = pb.RelayFrame(view_id=1, seq=2, status=FRAME_STATUS_EXACT, pieces=[piece.SerializeToString()])
    frame = read(codec.encode_frame(relay)).frame
    assert list(frame.pieces) == [piece]
    assert (frame.view_id, frame.seq, frame.status) == (1, 2, 3)


@pytest.mark.parametrize("codec", [ProtoCodec(), JsonCodec()], ids=[PROTO, JSON])
def test_what_a_picture_shows_is_written_for_each_frame(codec: Codec) -> None:
    for label, column in (("Rows", "delay"), ("Mean of delay", "distance"), ("Rows", "delay")):
        quantity, x = Quantity(label=label), ViewAxis(column=column)
        frame = read(codec.encode_frame(pb.RelayFrame(seq=2, quantity=quantity, x=x))).frame
        assert (frame.quantity, frame.x) == (quantity, x)
        assert not frame.HasField("y")


def test_the_relayed_frame_has_the_numbers_of_the_real_one() -> None:
    for relay, real in ((pb.RelayMessage, pb.ServerMessage), (pb.RelayFrame, pb.Frame)):
        for field in relay.DESCRIPTOR.fields:
            twin = real.DESCRIPTOR.fields_by_name[field.name]
            assert twin.number == field.number
            assert twin.is_repeated == field.is_repeated


def test_json_prints_zeros_and_empty_lists() -> None:
    frame = json.loads(JsonCodec().encode_frame(pb.RelayFrame()))["frame"]
    assert frame == {"viewId": 0, "seq": 0, "status": "FRAME_STATUS_UNSPECIFIED", "pieces": [], "reuse": []}


@pytest.mark.parametrize(("codec", "data"), [(ProtoCodec(), "{}"), (JsonCodec(), b"{}")])
def test_the_other_type_of_frame_is_refused(codec: Codec, data: bytes | str) -> None:
    with pytest.raises(HalftoneError, match="bad_message"):
        codec.decode(data)


def test_unknown_fields_are_ignored_in_binary() -> None:
    data = pb.ClientMessage(ping=pb.Ping()).SerializeToString() + b"\xfa\x01\x01x"
    assert ProtoCodec().decode(data).HasField("ping")


def test_there_are_two_encodings() -> None:
    assert list(CODECS) == [PROTO, JSON]


def read(data: bytes | str) -> pb.ServerMessage:
    return pb.ServerMessage.FromString(data) if isinstance(data, bytes) else json_format.Parse(data, pb.ServerMessage())
