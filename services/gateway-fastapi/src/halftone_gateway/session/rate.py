"""The message rate of one socket: a token bucket, and a wider one that tells a flood."""

import math
from typing import Final

from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_gateway.limits import SocketLimits

# Messages past the rate are coalesced or refused; past this many times the rate the socket is closed.
FLOOD_FACTOR: Final = 4.0


class TokenBucket:
    """`burst` tokens at most, `rate` new ones each second."""

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


class MessageRate:
    """Times are in seconds on the clock of the session."""

    def __init__(self, limits: SocketLimits, now: float) -> None:
        self._bucket = TokenBucket(limits.messages_per_second, limits.message_burst, now)
        flood = FLOOD_FACTOR * limits.messages_per_second, FLOOD_FACTOR * limits.message_burst
        self._flood = TokenBucket(*flood, now)

    def take(self, now: float) -> bool:
        """Counts a message; False when it is over the rate."""
        return self._bucket.take(now)

    def is_flood(self, now: float) -> bool:
        """Counts a message that is over the rate; True when there are far too many of them."""
        return not self._flood.take(now)

    def next_at(self) -> float:
        """When the next message is within the rate."""
        return self._bucket.next_at()

    def refusal(self, now: float) -> HalftoneError:
        """The error for a message that is over the rate, with the time to wait."""
        wait_ms = math.ceil(max(0.0, self.next_at() - now) * 1000)
        return HalftoneError(ErrorCode.RATE_LIMITED, retry_after_ms=max(1, wait_ms))
