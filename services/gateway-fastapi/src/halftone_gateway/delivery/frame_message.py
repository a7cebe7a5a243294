"""One message of a frame, with pieces that stay serialised."""

from collections.abc import Sequence
from dataclasses import dataclass

from halftone.v1.session_pb2 import Frame


@dataclass(frozen=True, slots=True)
class FrameMessage:
    """`header` is the frame without its pieces; `pieces` are their ids with the serialised pieces."""

    header: Frame
    pieces: Sequence[tuple[bytes, bytes]] = ()
