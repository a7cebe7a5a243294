"""Limits for files of every format, and the budget of bytes that one file may unpack to."""

from __future__ import annotations

import threading

from halftone_servicekit.errors import ErrorCode, HalftoneError

COLUMNS = 2_000
LINE_BYTES = 1 << 20
CATEGORIES = 65_536
LABEL_BYTES = 512
# Rows decoded at once: few enough for wide files, enough that the cost per batch is negligible.
BATCH_CELLS = 2_000_000
BATCH_ROWS = 262_144
_RATIO = 100
# Up to this, a file may unpack to any multiple of its size: a small file of equal values is not an attack.
_SMALL = 64 << 20


def batch_rows(columns: int) -> int:
    return max(1_024, min(BATCH_ROWS, BATCH_CELLS // max(1, columns)))


def check_columns(count: int) -> None:
    if count > COLUMNS:
        raise HalftoneError(ErrorCode.TOO_MANY_COLUMNS, f"The file has {count:,} columns; {COLUMNS:,} are allowed.")


class Budget:
    """Bytes that a file of `source_bytes` may unpack to. Raises HalftoneError `too_large_uncompressed` beyond.

    Threads may spend at the same time.
    """

    def __init__(self, source_bytes: int, max_bytes: int) -> None:
        self._lock = threading.Lock()
        self._max_bytes = min(max_bytes, max(_RATIO * source_bytes, _SMALL))
        self._spent = 0

    def check(self, total: int) -> None:
        if total > self._max_bytes:
            raise HalftoneError(ErrorCode.TOO_LARGE_UNCOMPRESSED)

    def spend(self, count: int) -> None:
        with self._lock:
            self._spent += count
            spent = self._spent
        self.check(spent)
