"""Serialised pieces kept in the process, bounded by bytes."""

from dataclasses import dataclass

from cachetools import LRUCache

from halftone_gateway.metrics import CACHE_BYTES


@dataclass(frozen=True, slots=True)
class Scope:
    """Who may get a piece: those who read this version under this row filter."""

    version_id: str
    policy_hash: str


class PieceCache:
    """Evicts the least recently used pieces first. The scope of a piece is stored beside it and checked on reading."""

    def __init__(self, capacity_bytes: int) -> None:
        self._entries: LRUCache[bytes, tuple[Scope, bytes]] = LRUCache(capacity_bytes, lambda entry: len(entry[1]))

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
        return entry[1]

    def put(self, piece_id: bytes, scope: Scope, piece: bytes) -> None:
        """Stores a piece, unless it is larger than the whole cache."""
        if len(piece) > self._entries.maxsize:
            self._remove(piece_id)
            return
        self._entries[piece_id] = (scope, piece)
        CACHE_BYTES.set(self._entries.currsize)

    def _remove(self, piece_id: bytes) -> None:
        self._entries.pop(piece_id, None)
        CACHE_BYTES.set(self._entries.currsize)
