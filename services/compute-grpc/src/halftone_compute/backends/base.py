"""What an engine does: open a canvas for a task, add blocks of rows to it, and give its planes of numbers.

Every engine passes the conformance suite in `tests/compute_rig/conformance.py` and gives the same integer planes.
Engines know accumulators, never reductions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from threading import Event
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

import numpy as np
from halftone.v1 import compute_pb2
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_views.codes import EARLIEST_AT, FIRST_ROW, LAST_ROW, LATEST_AT
from typing_extensions import override

from halftone_compute.store.base import ROW_NUMBER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from halftone_views.codes import Accumulator
    from halftone_wire import Plane

    from halftone_compute.store.base import Block

Reason: TypeAlias = Literal["out_of_memory", "card_lost"]

# Least rows of a version for which a cell may hold more than a uint32 can count.
WIDE_ROWS = 2**32
COUNTS = (compute_pb2.ACCUMULATOR_COUNT, compute_pb2.ACCUMULATOR_VALID)
# Found in the column's own type: one of its values, none of which is rounded. Every other accumulator is float64.
EXTREMES = frozenset({compute_pb2.ACCUMULATOR_MIN, compute_pb2.ACCUMULATOR_MAX})
OUTERMOST = frozenset({compute_pb2.ACCUMULATOR_FIRST, compute_pb2.ACCUMULATOR_LAST})
# Values of the rows that lie outermost on x, missing ones included.
AT_ENDS = frozenset({compute_pb2.ACCUMULATOR_EARLIEST, compute_pb2.ACCUMULATOR_LATEST})
# What is found of the numbers of rows with a value: a column that blocks have where first or last is gathered.
OF_ROWS: Mapping[Accumulator, Accumulator] = MappingProxyType(
    {FIRST_ROW: compute_pb2.ACCUMULATOR_MIN, LAST_ROW: compute_pb2.ACCUMULATOR_MAX}
)
# Whose greatest order is found, of all rows.
OF_ORDERS: Mapping[Accumulator, Accumulator] = MappingProxyType(
    {EARLIEST_AT: compute_pb2.ACCUMULATOR_EARLIEST, LATEST_AT: compute_pb2.ACCUMULATOR_LATEST}
)


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

    `accumulators` ascend: rows always, and rows with a value before anything else that is gathered of the value
    column. With a category column there are `categories` planes of each; with `other` the last one also takes every
    greater code. Of what is gathered of the value column there is then one plane more, of all rows together.
    `rows` is the most that the task may be given. `whole_sums`: the values are whole, and no sum of them leaves int64.
    """

    region: LatticeRegion | FreeRegion
    accumulators: tuple[Accumulator, ...]
    x: str
    y: str | None
    rows: int
    value: str | None = None
    value_dtype: np.dtype[Any] | None = None
    category: str | None = None
    categories: int = 0
    other: bool = False
    whole_sums: bool = False

    @property
    def cells(self) -> int:
        return self.region.width * self.region.height

    @property
    def planes(self) -> int:
        """How many planes of each accumulator a loop fills."""
        return 1 if self.category is None else self.categories

    @property
    def count_dtype(self) -> np.dtype[Any]:
        return np.dtype(np.uint32 if self.rows < WIDE_ROWS else np.uint64)

    @property
    def of_value(self) -> tuple[Accumulator, ...]:
        """What is gathered of the value column, beside how many rows have a value."""
        return tuple(accumulator for accumulator in self.accumulators if accumulator not in COUNTS)

    @property
    def orders(self) -> tuple[str, ...]:
        """The columns that say which row of a cell counts, where it matters."""
        found = (order_of(accumulator, self.x) for accumulator in self.of_value)
        return tuple(dict.fromkeys(name for name in found if name is not None))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read, each once."""
        named = (self.x, self.y, self.value, self.category, *self.orders)
        return tuple(dict.fromkeys(name for name in named if name is not None))


def numbered(value: str) -> str:
    """What the column of row numbers is called that is missing where a value is. Names of columns hold no control
    characters.
    """
    return f"{ROW_NUMBER} with {value}"


def order_of(accumulator: Accumulator, x: str) -> str | None:
    """The column that says which row of a cell an accumulator takes; None where each row counts.

    It holds the rows' places in the file, or uint64 numbers that are the greater the earlier (`EARLIEST`) or the later
    (`LATEST`) a row lies on x, and never 0 for a row with a cell (see `ordered`).
    """
    if accumulator in OUTERMOST:
        return ROW_NUMBER
    if accumulator in AT_ENDS:
        return f"\0{'before' if accumulator == compute_pb2.ACCUMULATOR_EARLIEST else 'after'} on {x}"
    return None


def ordered(block: Block, x: str) -> Block:
    """The block with the two columns of uint64 that say how early and how late each row lies on x: the bits of float64
    numbers ascend as the numbers do, once those below zero are complemented.
    """
    # Plus zero: both zeros are one place.
    bits = (block.values[x].astype(np.float64) + 0.0).view(np.int64)
    late = (bits ^ ((bits >> 63) | np.iinfo(np.int64).min)).view(np.uint64)
    made = ((compute_pb2.ACCUMULATOR_EARLIEST, ~late), (compute_pb2.ACCUMULATOR_LATEST, late))
    return replace(block, values={**block.values, **{str(order_of(which, x)): numbers for which, numbers in made}})


def is_whole(task: Task, accumulator: Accumulator) -> bool:
    """Whether an accumulator is a sum that int64 holds exactly."""
    return task.whole_sums and accumulator == compute_pb2.ACCUMULATOR_ADD


class Cancel:
    """A flag that any thread sets once; work reads it between pieces of a block, and says by `advance` how much of the
    rows it has read, from 0 to 1, where these are many.
    """

    def __init__(self) -> None:
        self._share = 0.0
        self._event = Event()

    @property
    def share(self) -> float:
        """How much is done. It never falls, even when an engine failed and its rows are read again."""
        return self._share

    def advance(self, share: float) -> None:
        self._share = max(self._share, share)

    def part(self, start: float, end: float) -> Cancel:
        """The same flag, for the part of the work from one share of it to another."""
        return _Part(self, start, end)

    def set(self) -> None:
        self._event.set()

    @property
    def is_set(self) -> bool:
        return self._event.is_set()

    def check(self) -> None:
        """Raises HalftoneError `cancelled` once the flag is set."""
        if self._event.is_set():
            raise HalftoneError(ErrorCode.CANCELLED)


class _Part(Cancel):
    """Part of a longer work: its own share from 0 to 1 is that from `start` to `end` of the whole."""

    def __init__(self, whole: Cancel, start: float, end: float) -> None:
        super().__init__()
        self._whole, self._start, self._end = whole, start, end
        self._event = whole._event

    @override
    def advance(self, share: float) -> None:
        super().advance(share)
        self._whole.advance(self._start + (self._end - self._start) * share)


class EngineError(Exception):
    """An engine failed, not the task: another engine can do it. Never shown to a person.

    `reason`: `out_of_memory` concerns one task; `card_lost` everything that the engine is asked from now on.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class Canvas(Protocol):
    """The planes of one picture while rows are added to them; for one thread.

    `add(block, cancel)` adds rows; raises `cancelled` within 50 ms of the flag · `planes()` the finished planes, once,
    in the order of the task's accumulators. With a category column each of these is a run of planes, in the order of
    the categories; counts have the role of categories, and each run of values ends with the plane of all rows.
    """

    def add(self, block: Block, cancel: Cancel) -> None: ...

    def planes(self) -> list[Plane]: ...


class Engine(Protocol):
    """One engine. All methods but `close` may be called from several threads at once, each with its own canvas.

    `needs(task)` the bytes that the canvas takes · `open(task)` an empty canvas · `warm_up()` compiles what tiles
    need · `warm_up_free(cancel)` what free viewports need, raises `cancelled` · `close()` frees everything.
    An engine that can fail by itself raises EngineError, at the latest in `Canvas.planes`.
    """

    name: str

    def needs(self, task: Task) -> int: ...

    def open(self, task: Task) -> Canvas: ...

    def warm_up(self) -> None: ...

    def warm_up_free(self, cancel: Cancel) -> None: ...

    def close(self) -> None: ...
