"""The pieces that the client of one view holds."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

from halftone_servicekit.errors import ErrorCode, HalftoneError

PIECE_ID_BYTES: Final = 16


class HeldPieces:
    """A set of piece ids, at most `capacity`: the ids that were held longest without use leave first."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._ids: OrderedDict[bytes, None] = OrderedDict()

    def __contains__(self, piece_id: bytes) -> bool:
        return piece_id in self._ids

    def hold(self, piece_ids: Iterable[bytes]) -> None:
        """The client holds these, and uses them."""
        for piece_id in piece_ids:
            self._ids[piece_id] = None
            self._ids.move_to_end(piece_id)
        while len(self._ids) > self._capacity:
            self._ids.popitem(last=False)

    def drop(self, piece_ids: Iterable[bytes]) -> None:
        """The client has evicted these."""
        for piece_id in piece_ids:
            self._ids.pop(piece_id, None)


def checked_ids(piece_ids: Iterable[bytes], field: str) -> list[bytes]:
    """The ids of a message's `field`. Raises `param_invalid` for one that is no piece id."""
    checked = list(piece_ids)
    if any(len(piece_id) != PIECE_ID_BYTES for piece_id in checked):
        raise HalftoneError(ErrorCode.PARAM_INVALID, f"A piece id has {PIECE_ID_BYTES} bytes.", field=field)
    return checked
