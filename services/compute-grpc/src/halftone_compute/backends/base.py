"""What an engine does: take a task, read blocks of rows, hand back planes of numbers.

Every backend passes the conformance suite in `tests/compute_rig/conformance.py` and gives the same integer planes.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeAlias, TypeVar

import numpy as np
from halftone_servicekit.errors import ErrorCode, HalftoneError

if TYPE_CHECKING:
    from halftone.v1 import compute_pb2, frame_pb2
    from halftone_wire import Plane

    from halftone_compute.store.base import Block

Aggregate: TypeAlias = "compute_pb2.Aggregate.ValueType"
Role: TypeAlias = "frame_pb2.PlaneRole.ValueType"
Reason: TypeAlias = Literal["out_of_memory", "card_lost"]

# Least rows of a version for which a cell may hold more than a uint32 can count.
WIDE_ROWS = 2**32


@dataclass(frozen=True, slots=True)
class LatticeRegion:
    """A half-open box of lattice cells: on each axis cell `i` is [(first + i)·2^e, (first + i + 1)·2^e).

    `first_x` and `first_y` are whole numbers, exact as float64. Shape of its planes: (height, width), lowest y first.
    """

    ex: int
    first_x: float
    ey: int
    first_y: float
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class FreeRegion:
    """A box of data space cut into width by height cells as Datashader does: closed, upper edges in the last cells."""

    x0: float
    x1: float
    y0: float
    y1: float
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Task:
    """What to gather over a region, by column name. `y` is None for one row of cells (bins).

    `categories` planes are asked of a category column; with `other` the last one also takes every greater code.
    `rows` is the most that the task may be given.
    """

    region: LatticeRegion | FreeRegion
    aggregate: Aggregate
    x: str
    y: str | None
    rows: int
    value: str | None = None
    value_dtype: np.dtype[Any] | None = None
    category: str | None = None
    categories: int = 0
    other: bool = False

    @property
    def cells(self) -> int:
        return self.region.width * self.region.height

    @property
    def count_dtype(self) -> np.dtype[Any]:
        return np.dtype(np.uint32 if self.rows < WIDE_ROWS else np.uint64)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read, each once."""
        return tuple(dict.fromkeys(name for name in (self.x, self.y, self.value, self.category) if name is not None))


class Cancel:
    """A flag that any thread sets once; work reads it between pieces of a block."""

    def __init__(self) -> None:
        self._event = Event()

    def set(self) -> None:
        self._event.set()

    @property
    def is_set(self) -> bool:
        return self._event.is_set()

    def check(self) -> None:
        """Raises HalftoneError `cancelled` once the flag is set."""
        if self._event.is_set():
            raise HalftoneError(ErrorCode.CANCELLED)


class EngineError(Exception):
    """An engine failed, not the task: another engine can do it. Never shown to a person.

    `reason`: `out_of_memory` concerns one task; `card_lost` everything that the engine is asked from now on.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


Canvas = TypeVar("Canvas")
Rows = TypeVar("Rows")


class Backend(Protocol, Generic[Canvas, Rows]):
    """One engine. All methods but `close` may be called from several threads at once, each with its own canvas.

    `needs(task)` the bytes that `create` would take · `create(task)` empty planes, ready to add to ·
    `place(block)` the rows where the engine can read them · `aggregate(task, canvas, rows, cancel)` adds rows to
    the canvas; raises `cancelled` within 50 ms of the flag · `to_host(task, canvas)` the finished planes in the
    order of `halftone_views.plan.planes_of` · `warm_up()` compiles what tiles need ·
    `warm_up_free(cancel)` what free viewports need, raises `cancelled` · `close()` frees everything.
    An engine that can fail by itself raises EngineError, at the latest in `to_host`.
    """

    name: str

    def needs(self, task: Task) -> int: ...

    def create(self, task: Task) -> Canvas: ...

    def place(self, block: Block) -> Rows: ...

    def aggregate(self, task: Task, canvas: Canvas, rows: Rows, cancel: Cancel) -> None: ...

    def to_host(self, task: Task, canvas: Canvas) -> list[Plane]: ...

    def warm_up(self) -> None: ...

    def warm_up_free(self, cancel: Cancel) -> None: ...

    def close(self) -> None: ...
