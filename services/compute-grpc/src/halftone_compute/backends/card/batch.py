"""One launch for all work that waits: its entries, the table they make, and when the GPU gets it."""

from __future__ import annotations

import struct
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import numpy as np

from halftone_compute import metrics
from halftone_compute.backends.card.device import THREADS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from halftone_compute.backends.base import Cancel
    from halftone_compute.backends.card.device import Device

Memory = TypeVar("Memory")

# As in kernels.cu: rows of a thread that lie side by side, rows of a block, entries of a grid.
RUN = 16
TILE = THREADS * RUN
_MOST_ENTRIES = 65_535

# struct Axis and struct Work of kernels.cu.
AXIS = np.dtype(
    [
        ("at", np.uint64),
        ("zones", np.uint64),
        ("low", np.int64),
        ("scale", np.float64),
        ("translate", np.float64),
        ("least", np.float64),
        ("greatest", np.float64),
        ("lift", np.float64),
        ("cells", np.int32),
        ("shift", np.int32),
        ("kind", np.int32),
        ("unused", np.int32),
    ]
)
WORK = np.dtype(
    [
        ("x", AXIS),
        ("y", AXIS),
        *((name, np.uint64) for name in ("values", "valid", "codes", "numbers")),
        *((name, np.uint64) for name in ("counts", "valids", "found", "pivots", "squares")),
        ("rows", np.int64),
        ("flip", np.uint64),
        ("planes", np.int32),
        ("other", np.int32),
        ("is_wide", np.int32),
        ("unused", np.int32),
    ]
)


class Axis(NamedTuple):
    """The numbers of an AXIS, in its order."""

    at: int = 0
    zones: int = 0
    low: int = 0
    scale: float = 0.0
    translate: float = 0.0
    least: float = 0.0
    greatest: float = 0.0
    lift: float = 1.0
    cells: int = 0
    shift: int = 0
    kind: int = 0
    unused: int = 0


class Read(NamedTuple):
    """What is read of each row beside its place: addresses, 0 for none."""

    values: int = 0
    valid: int = 0
    codes: int = 0
    numbers: int = 0


class Target(NamedTuple):
    """Where to work adds, the same for all of a picture: addresses of planes (0 for none), and how."""

    counts: int = 0
    valids: int = 0
    found: int = 0
    pivots: int = 0
    squares: int = 0
    flip: int = 0
    planes: int = 0
    other: bool = False
    is_wide: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """One block of rows for one view: a kernel, its entry (the bytes of one WORK), and what that points at.

    `size`: the bytes that it keeps on the GPU until it was handed over.
    """

    kernel: str
    entry: bytes
    rows: int
    holds: tuple[object, ...]
    size: int


def entry_of(x: Axis, y: Axis, read: Read, rows: int, to: Target) -> bytes:
    """The bytes of one WORK. Made for every block of every picture: a NumPy record would cost ten times as much."""
    flip, planes, other, is_wide = to[5:]
    return _packed(*x, *y, *read, *to[:5], rows, flip, planes, other, is_wide, 0)


@dataclass(eq=False)
class _Submission:
    """The work of one view that waits for a launch."""

    works: Sequence[Work]
    cancel: Cancel
    is_done: bool = False
    error: Exception | None = None


@dataclass(eq=False)
class Batcher(Generic[Memory]):
    """Hands work to a device. While a launch runs, further work waits, and all of it makes the next one."""

    device: Device[Memory]
    _waiting: list[_Submission] = field(default_factory=list)
    _adding: threading.Lock = field(default_factory=threading.Lock)
    _launching: threading.Lock = field(default_factory=threading.Lock)

    def run(self, works: Sequence[Work], cancel: Cancel) -> None:
        """Returns once the work was handed to the device. Raises EngineError; `cancelled` when it was not begun."""
        submission = _Submission(works, cancel)
        with self._adding:
            self._waiting.append(submission)
        with self._launching:
            if not submission.is_done:
                self._launch()
        if submission.error is not None:
            raise submission.error
        cancel.check()

    def _launch(self) -> None:
        """Everything that waits once the device is free: no delay of its own, and the larger the more there is."""
        batch: list[_Submission] = []
        try:
            try:
                self.device.synchronize()
            finally:
                batch = self._take()
            self._hand_over([submission for submission in batch if not submission.cancel.is_set])
        except Exception as error:
            # Every picture that waited for this launch fails: its planes are not finished.
            for submission in batch:
                submission.error = error
        for submission in batch:
            submission.is_done = True

    def _take(self) -> list[_Submission]:
        with self._adding:
            batch, self._waiting = self._waiting, []
        return batch

    def _hand_over(self, batch: Sequence[_Submission]) -> None:
        by_kernel: defaultdict[str, list[Work]] = defaultdict(list)
        for submission in batch:
            for work in submission.works:
                by_kernel[work.kernel].append(work)
        for kernel, works in by_kernel.items():
            for start in range(0, len(works), _MOST_ENTRIES):
                self._launch_one(kernel, works[start : start + _MOST_ENTRIES])
        if batch:
            metrics.GPU_BATCH_VIEWS.observe(len(batch))

    def _launch_one(self, kernel: str, works: Sequence[Work]) -> None:
        entries = np.frombuffer(b"".join(work.entry for work in works), np.uint8)
        table = self.device.allocate(entries.nbytes)
        self.device.upload(table, entries)
        self.device.launch(kernel, table, tiles_of(max(work.rows for work in works)), len(works))
        metrics.GPU_LAUNCHES.inc()


def _codes(dtype: np.dtype[Any]) -> str:
    """The numbers of a record for `struct`, one code each."""
    if dtype.fields is None:
        return dtype.char
    return "".join(_codes(field[0]) for field in dtype.fields.values())


# Numbers lie at multiples of their own size in both records, so the machine's own layout is that of NumPy.
_packed = struct.Struct("@" + _codes(WORK)).pack


def whole_runs(rows: int) -> int:
    """Rows with those that fill the last run."""
    return -(-rows // RUN) * RUN


def tiles_of(rows: int) -> int:
    """Blocks of threads that so many rows take."""
    return -(-rows // TILE)
