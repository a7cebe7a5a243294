"""Bytes to messages and back, for the two encodings of the protocol."""

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, Protocol

from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message
from google.protobuf.unknown_fields import UnknownFieldSet
from halftone.v1.compute_pb2 import ViewAxis
from halftone.v1.frame_pb2 import Quantity
from halftone.v1.session_pb2 import ClientMessage, RelayFrame, RelayMessage, ServerMessage
from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_gateway.delivery.strict_json import parse_object
from halftone_gateway.delivery.strict_proto import check_json, check_numbers

PROTO: Final = "halftone.v1.proto"
JSON: Final = "halftone.v1.json"

# What goes into one WebSocket message.
WireMessage = bytes | str


class Codec(Protocol):
    """`binary`: whether messages are binary frames. `decode` raises HalftoneError for a message it cannot read."""

    binary: bool

    def decode(self, data: WireMessage) -> ClientMessage: ...
    def encode(self, message: ServerMessage) -> WireMessage: ...
    def encode_frame(self, frame: RelayFrame) -> WireMessage: ...


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

    def encode_frame(self, frame: RelayFrame) -> bytes:
        return RelayMessage(frame=frame).SerializeToString()


class JsonCodec:
    """Proto3 JSON in text frames, every field without presence printed."""

    binary = False

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

    def encode_frame(self, frame: RelayFrame) -> str:
        message = ServerMessage.FromString(RelayMessage(frame=frame).SerializeToString())
        # The last fields of a frame, and the same in every frame of a view: writing them anew would double the cost.
        described: dict[str, object] = {}
        for name in _DESCRIPTION:
            if message.frame.HasField(name):
                described[name] = _described(name, getattr(message.frame, name).SerializeToString())
                message.frame.ClearField(name)
        document = _document(message)
        document["frame"].update(described)
        return _dumped(document)


# What a frame says of its picture, by field.
_DESCRIPTION: Final[Mapping[Any, type[Message]]] = {"quantity": Quantity, "x": ViewAxis, "y": ViewAxis}

CODECS: Mapping[str, Callable[[], Codec]] = {PROTO: ProtoCodec, JSON: JsonCodec}


def _complete(message: ClientMessage, *, unknown: bool) -> ClientMessage:
    if message.WhichOneof("message") is None:
        raise HalftoneError(ErrorCode.UNKNOWN_TYPE if unknown else ErrorCode.BAD_MESSAGE)
    check_numbers(message)
    return message


def _to_json(message: Message) -> str:
    return _dumped(_document(message))


@lru_cache(maxsize=1024)
def _described(name: str, data: bytes) -> dict[str, Any]:
    return _document(_DESCRIPTION[name].FromString(data))


def _document(message: Message) -> dict[str, Any]:
    return json_format.MessageToDict(message, always_print_fields_with_no_presence=True)


def _dumped(document: dict[str, Any]) -> str:
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
