"""The notice that pictures take longer, because something slower than what is preferred makes them."""

from typing import Final

from halftone.v1.frame_pb2 import Receipt
from halftone.v1.session_pb2 import NOTICE_CODE_DEGRADED, Notice

from halftone_gateway.pieces.receipts import NO_BACKEND

_DETAILS: Final = {
    "out_of_memory": "The graphics card has no room for this picture. It is as exact as before, only slower.",
    "card_lost": "The graphics card is not available now. Pictures are as exact as before, only slower.",
}
_OTHER: Final = "The faster servers are not available now. Pictures are as exact as before, only slower."


class Degraded:
    """The reasons that the client of one view has been sent."""

    def __init__(self) -> None:
        self._sent: set[str] = set()

    def notice(self, view_id: int, receipt: Receipt) -> Notice | None:
        """The notice to send beside a frame with this receipt: each reason once, and again after a fast frame.

        A frame for which compute made no piece says nothing about compute.
        """
        reason = receipt.degraded
        if not reason:
            if receipt.backend != NO_BACKEND:
                self._sent.clear()
            return None
        if reason in self._sent:
            return None
        self._sent.add(reason)
        return Notice(code=NOTICE_CODE_DEGRADED, view_id=view_id, detail=_DETAILS.get(reason, _OTHER))
