"""Serialised pieces kept in the process, bounded by bytes."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from cachetools import LRUCache

from halftone_gateway.metrics import CACHE_BYTES


@dataclass(frozen=True, slots=True)
class Scope:
    """Who may get a piece: those who read this version under this row filter; and whether they read packed planes."""

    version_id: str
    policy_hash: str
    packed: bool = False


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
        # By id, and whether its planes are packed.
        self._entries: LRUCache[tuple[bytes, bool], _Entry] = LRUCache(capacity_bytes, lambda entry: entry.size)

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, piece_id: bytes, scope: Scope) -> bytes | None:
        """The piece, or None when it is not there or was made for another scope."""
        key = (piece_id, scope.packed)
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.scope != scope:
            self._remove(key)
            return None
        return entry.piece

    def put(self, piece_id: bytes, scope: Scope, piece: bytes) -> None:
        """Stores a piece, unless it is larger than the whole cache."""
        key = (piece_id, scope.packed)
        if not self._store(key, _Entry(scope, piece)):
            self._remove(key)

    def text(self, piece_id: bytes, piece: bytes, printed: Callable[[bytes], str]) -> str:
        """`printed` of a piece, which is kept beside it if the piece is there and both fit."""
        for key in ((piece_id, True), (piece_id, False)):
            entry = self._entries.get(key)
            if entry is not None and entry.piece == piece:
                text = entry.text or printed(piece)
                if not entry.text:
                    self._store(key, replace(entry, text=text))
                return text
        return printed(piece)

    def _store(self, key: tuple[bytes, bool], entry: _Entry) -> bool:
        if entry.size > self._entries.maxsize:
            return False
        self._entries[key] = entry
        CACHE_BYTES.set(self._entries.currsize)
        return True

    def _remove(self, key: tuple[bytes, bool]) -> None:
        self._entries.pop(key, None)
        CACHE_BYTES.set(self._entries.currsize)
