"""Freed memory that a process keeps for its next frame, where the C library is glibc."""

import ctypes
from typing import Final

# Freed bytes at the end of the heap that stay with the process.
KEPT_BYTES: Final = 64 << 20
# From this size on a buffer has pages of its own, which go back to the kernel with it.
OWN_PAGES_BYTES: Final = 8 << 20
# Parameters of mallopt, as malloc.h numbers them.
_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3


def keep_freed_memory() -> None:
    """Call it once, before the first frame.

    A frame takes and frees many buffers of some hundred kilobytes. glibc by itself gives their pages back at once, and
    getting them again costs several times what is done in them. Other C libraries stay as they are.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_TRIM_THRESHOLD, KEPT_BYTES)
        mallopt(_MMAP_THRESHOLD, OWN_PAGES_BYTES)
