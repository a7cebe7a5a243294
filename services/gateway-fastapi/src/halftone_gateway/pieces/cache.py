"""Serialised pieces kept in the process, bounded by bytes."""

from collections import OrderedDict
from dataclasses import dataclass

from halftone_gateway.metrics import CACHE_BYTES


@dataclass(frozen=True, slots=True)
class Scope:
    """Who may get a piece: those who read this version under this row filter."""

    version_id: str
    policy_hash: str


class PieceCache:
    """Evicts the least recently used pieces first. The scope of a piece is stored beside it and checked on reading."""

    def __init__(self, capacity_bytes: int) -> None:
        self._capacity = capacity_bytes
        self._entries: OrderedDict[bytes, tuple[Scope, bytes]] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, piece_id: bytes, scope: Scope) -> bytes | None:
        """The piece, or None when it is not there or was made for another scope."""
        entry = self._entries.get(piece_id)
        if entry is None:
            return None
        if entry[0] != scope:
            self._remove(piece_id)
            return None
        self._entries.move_to_end(piece_id)
        return entry[1]

    def put(self, piece_id: bytes, scope: Scope, piece: bytes) -> None:
        """Stores a piece, unless it is larger than the whole cache."""
        if piece_id in self._entries:
            self._remove(piece_id)
        if len(piece) > self._capacity:
            return
        self._entries[piece_id] = (scope, piece)
        self._bytes += len(piece)
        while self._bytes > self._capacity:
            self._remove(next(iter(self._entries)))
        CACHE_BYTES.set(self._bytes)

    def _remove(self, piece_id: bytes) -> None:
        _, piece = self._entries.pop(piece_id)
        self._bytes -= len(piece)
        CACHE_BYTES.set(self._bytes)
