"""The bounds of one socket."""

from dataclasses import dataclass
from typing import Final

from halftone.v1.session_pb2 import Limits

MESSAGE_BYTES: Final = 65_536
SIDE_PIXELS: Final = 4096
PICTURE_PIXELS: Final = 8_388_608
CONTROL_BYTES: Final = 65_536
# A frame larger than this is sent in parts, so that one message never holds a socket for long.
FRAME_BYTES: Final = 4_194_304
BAD_MESSAGES: Final = 10
BAD_MESSAGES_S: Final = 10.0
# States of a view in quicker succession are not all rendered.
RENDER_GAP_S: Final = 0.005


@dataclass(frozen=True, slots=True)
class SocketLimits:
    """Times in seconds, the rest are counts."""

    auth_timeout_s: float = 5.0
    reauth_notice_s: float = 60.0
    reauth_grace_s: float = 25.0
    messages_per_second: float = 60.0
    message_burst: int = 120
    views: int = 64
    unshown_frames: int = 2
    held_pieces: int = 4096

    def message(self) -> Limits:
        """The limits that `welcome` sends."""
        return Limits(
            message_bytes=MESSAGE_BYTES,
            messages_per_second=int(self.messages_per_second),
            views=self.views,
            side_pixels=SIDE_PIXELS,
            picture_pixels=PICTURE_PIXELS,
            unshown_frames=self.unshown_frames,
        )
