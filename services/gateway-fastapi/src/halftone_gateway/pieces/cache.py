"""Serialised pieces kept in the process, bounded by bytes."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from cachetools import LRUCache

from halftone_gateway.metrics import CACHE_BYTES


@dataclass(frozen=True, slots=True)
class Scope:
    """Who may get a piece: those who read this version under this row filter."""

    version_id: str
    policy_hash: str


@dataclass(frozen=True, slots=True)
class _Entry:
    """A piece as it came, and as text once a client has needed that; empty before."""

    scope: Scope
    piece: bytes
    text: str = ""

    @property
    def size(self) -> int:
        # The text is ASCII: a byte a character.
        return len(self.piece) + len(self.text)


class PieceCache:
    """Evicts the least recently used pieces first. The scope of a piece is stored beside it and checked on reading."""

    def __init__(self, capacity_bytes: int) -> None:
        self._entries: LRUCache[bytes, _Entry] = LRUCache(capacity_bytes, lambda entry: entry.size)

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, piece_id: bytes, scope: Scope) -> bytes | None:
        """The piece, or None when it is not there or was made for another scope."""
        entry = self._entries.get(piece_id)
        if entry is None:
            return None
        if entry.scope != scope:
            self._remove(piece_id)
            return None
        return entry.piece

    def put(self, piece_id: bytes, scope: Scope, piece: bytes) -> None:
        """Stores a piece, unless it is larger than the whole cache."""
        if not self._store(piece_id, _Entry(scope, piece)):
            self._remove(piece_id)

    def text(self, piece_id: bytes, piece: bytes, printed: Callable[[bytes], str]) -> str:
        """`printed` of a piece, which is kept beside it if the piece is there and both fit."""
        entry = self._entries.get(piece_id)
        if entry is None or entry.piece != piece:
            return printed(piece)
        if entry.text:
            return entry.text
        text = printed(piece)
        self._store(piece_id, replace(entry, text=text))
        return text

    def _store(self, piece_id: bytes, entry: _Entry) -> bool:
        if entry.size > self._entries.maxsize:
            return False
        self._entries[piece_id] = entry
        CACHE_BYTES.set(self._entries.currsize)
        return True

    def _remove(self, piece_id: bytes) -> None:
        self._entries.pop(piece_id, None)
        CACHE_BYTES.set(self._entries.currsize)
