"""Telling a person that pictures take longer, because something slower than what is preferred makes them."""

from typing import Final

from halftone.v1.frame_pb2 import Receipt
from halftone.v1.session_pb2 import NOTICE_CODE_DEGRADED, Notice

from halftone_gateway.pieces.receipts import NO_BACKEND

_WORDS: Final = {
    "out_of_memory": "The graphics card has no room for this picture. It is as exact as before, only slower.",
    "card_lost": "The graphics card is not available now. Pictures are as exact as before, only slower.",
}
_OTHERS: Final = "The faster servers are not available now. Pictures are as exact as before, only slower."


class Degraded:
    """What the client of one view has been told."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def notice(self, view_id: int, receipt: Receipt) -> Notice | None:
        """What to say beside a frame with this receipt: each reason once, and again after all was well.

        A frame that nobody had to make says nothing about who would have made it.
        """
        reason = receipt.degraded
        if not reason:
            if receipt.backend != NO_BACKEND:
                self._told.clear()
            return None
        if reason in self._told:
            return None
        self._told.add(reason)
        return Notice(code=NOTICE_CODE_DEGRADED, view_id=view_id, detail=_WORDS.get(reason, _OTHERS))
