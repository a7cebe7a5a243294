"""The bounds of one socket, and the bucket that keeps its message rate."""

from dataclasses import dataclass
from typing import Final

from halftone.v1.session_pb2 import Limits as LimitsMessage

MESSAGE_BYTES: Final = 65_536
SIDE_PIXELS: Final = 4096
PICTURE_PIXELS: Final = 8_388_608
CONTROL_BYTES: Final = 65_536
# A frame larger than this is sent in parts, so that one message never holds a socket for long.
FRAME_BYTES: Final = 4_194_304
BAD_MESSAGES: Final = 10
BAD_MESSAGES_S: Final = 10.0
# States of a view that follow each other faster are not all rendered.
RENDER_GAP_S: Final = 0.005
# Messages past the rate are coalesced; this many times the rate is taken for an attack.
FLOOD_FACTOR: Final = 4.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Times in seconds, the rest are counts."""

    auth_timeout_s: float = 5.0
    reauth_notice_s: float = 60.0
    reauth_grace_s: float = 25.0
    messages_per_second: float = 60.0
    message_burst: int = 120
    views: int = 64
    unshown_frames: int = 2
    held_pieces: int = 4096

    def message(self) -> LimitsMessage:
        """The limits as a client is told them."""
        return LimitsMessage(
            message_bytes=MESSAGE_BYTES,
            messages_per_second=int(self.messages_per_second),
            views=self.views,
            side_pixels=SIDE_PIXELS,
            picture_pixels=PICTURE_PIXELS,
            unshown_frames=self.unshown_frames,
        )


class Bucket:
    """A token bucket: `burst` tokens at most, `rate` new ones each second."""

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._at = now

    def take(self, now: float) -> bool:
        """Takes one token; False when there is none."""
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def next_at(self) -> float:
        """When the next token is there."""
        return self._at + max(0.0, 1 - self._tokens) / self._rate
