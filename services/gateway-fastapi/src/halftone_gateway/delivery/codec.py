"""Bytes to messages and back, for the two encodings of the protocol."""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, Protocol

from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message
from google.protobuf.unknown_fields import UnknownFieldSet
from halftone.v1.compute_pb2 import ViewAxis
from halftone.v1.frame_pb2 import Piece, Quantity
from halftone.v1.session_pb2 import ClientMessage, Frame, ServerMessage
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_servicekit.wire_format import prefix

from halftone_gateway.delivery.frame_message import FrameMessage
from halftone_gateway.delivery.strict_json import parse_object
from halftone_gateway.delivery.strict_proto import check_json, check_numbers

PROTO: Final = "halftone.v1.proto"
JSON: Final = "halftone.v1.json"

_FRAME: Final = ServerMessage.DESCRIPTOR.fields_by_name["frame"].number
_PIECES: Final = Frame.DESCRIPTOR.fields_by_name["pieces"].number
# A plane without cells, as it is printed.
_NO_CELLS: Final = '"data":""'

# What goes into one WebSocket message.
WireMessage = bytes | str


class Codec(Protocol):
    """`binary`: whether messages are binary frames. `decode` raises HalftoneError for a message it cannot read."""

    binary: bool

    def decode(self, data: WireMessage) -> ClientMessage: ...
    def encode(self, message: ServerMessage) -> WireMessage: ...
    def encode_frame(self, frame: FrameMessage) -> WireMessage: ...


class PieceTexts(Protocol):
    """Pieces as text, kept so that each is printed once."""

    def text(self, piece_id: bytes, piece: bytes, printed: Callable[[bytes], str]) -> str: ...


class ProtoCodec:
    """Binary protobuf. Pieces are relayed as the bytes they came in."""

    binary = True

    def decode(self, data: WireMessage) -> ClientMessage:
        if not isinstance(data, bytes):
            raise HalftoneError(ErrorCode.BAD_MESSAGE)
        try:
            message = ClientMessage.FromString(data)
        except DecodeError as error:
            raise HalftoneError(ErrorCode.BAD_MESSAGE) from error
        return _complete(message, unknown=len(UnknownFieldSet(message)) > 0)

    def encode(self, message: ServerMessage) -> bytes:
        return message.SerializeToString()

    def encode_frame(self, frame: FrameMessage) -> bytes:
        parts = [frame.header.SerializeToString()]
        for _, piece in frame.pieces:
            parts += (prefix(_PIECES, len(piece)), piece)
        return b"".join((prefix(_FRAME, sum(map(len, parts))), *parts))


class JsonCodec:
    """Proto3 JSON in text frames, every field without presence printed."""

    binary = False

    def __init__(self, texts: PieceTexts) -> None:
        self._texts = texts

    def decode(self, data: WireMessage) -> ClientMessage:
        if not isinstance(data, str):
            raise HalftoneError(ErrorCode.BAD_MESSAGE)
        document = parse_object(data)
        check_json(document, ClientMessage.DESCRIPTOR)
        try:
            message = json_format.ParseDict(document, ClientMessage())
        except json_format.ParseError as error:
            raise HalftoneError(ErrorCode.BAD_MESSAGE) from error
        return _complete(message, unknown=False)

    def encode(self, message: ServerMessage) -> str:
        return _to_json(message)

    def encode_frame(self, frame: FrameMessage) -> str:
        header = _dumped(_header(frame.header)).removesuffix("}")
        pieces: list[str] = []
        for piece_id, piece in frame.pieces:
            pieces += (",", self._texts.text(piece_id, piece, _piece_text))
        # One join, without the comma in front of the first: the text of a frame is megabytes.
        return "".join((f'{{"frame":{header},"pieces":[', *pieces[1:], "]}}"))


# What a frame says of its picture, by field.
_DESCRIPTION: Final[Mapping[Any, type[Message]]] = {"quantity": Quantity, "x": ViewAxis, "y": ViewAxis}


def codecs(texts: PieceTexts) -> Mapping[str, Codec]:
    """By subprotocol, the preferred first; each serves any number of sockets."""
    return {PROTO: ProtoCodec(), JSON: JsonCodec(texts)}


def _complete(message: ClientMessage, *, unknown: bool) -> ClientMessage:
    if message.WhichOneof("message") is None:
        raise HalftoneError(ErrorCode.UNKNOWN_TYPE if unknown else ErrorCode.BAD_MESSAGE)
    check_numbers(message)
    return message


def _to_json(message: Message) -> str:
    return _dumped(_document(message))


def _header(frame: Frame) -> dict[str, Any]:
    """A frame without its pieces. What it says of its picture is the same in every frame of a view: made once."""
    rest = Frame()
    rest.CopyFrom(frame)
    described: dict[str, object] = {}
    for name in _DESCRIPTION:
        if rest.HasField(name):
            described[name] = _described(name, getattr(rest, name).SerializeToString())
            rest.ClearField(name)
    document = {**_document(rest), **described}
    del document["pieces"]
    return document


def _piece_text(piece: bytes) -> str:
    """A piece as JSON. The cells go in last: printing them would look for characters to escape in all of them."""
    message = Piece.FromString(piece)
    cells = [b64encode(plane.data).decode() for plane in message.planes]
    for plane in message.planes:
        plane.ClearField("data")
    first, *others = _to_json(message).split(_NO_CELLS)
    return first + "".join(f'"data":"{data}"{other}' for data, other in zip(cells, others, strict=True))


@lru_cache(maxsize=1024)
def _described(name: str, data: bytes) -> dict[str, Any]:
    return _document(_DESCRIPTION[name].FromString(data))


def _document(message: Message) -> dict[str, Any]:
    return json_format.MessageToDict(message, always_print_fields_with_no_presence=True)


def _dumped(document: dict[str, Any]) -> str:
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
