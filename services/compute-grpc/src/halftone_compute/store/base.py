"""The interface of stored data: a store opens versions, a version yields blocks of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import numpy as np
    from halftone_servicekit.tokens import Grant
    from halftone_views.columns import ColumnInfo

    from halftone_compute.store.index.leaves import Leaves
    from halftone_compute.store.pyramid.tiles import Pyramid

# The row's place in the file, int64 from 0: a column of every version, under a name that no column of a file can have.
ROW_NUMBER = "\0row number"

# Large enough that the cost per block is small beside its rows, which a GPU reads in microseconds; small enough that
# copying a block to a GPU, which cannot be interrupted, stays well below 50 ms. A multiple of the parts of engines.
BLOCK_ROWS = 1 << 21


@dataclass(frozen=True, slots=True)
class Block:
    """Rows `start` to `start + len` of a version, at most BLOCK_ROWS of them.

    `values[column]` is a read-only array of shape (rows,): a number in its own dtype, a time as int64
    since 1970 UTC in the `time_unit` of the column, a category as int32 codes (ranks by frequency; missing rows have a
    code of their own).
    `valid[column]` is a bool array of the same shape, present only for integer and time columns that have
    nulls; where it is False the value is 0 and has no meaning. A null float is NaN.
    `version` is the id of the version, for engines that keep rows; "" when they must not be kept.
    """

    start: int
    values: Mapping[str, np.ndarray]
    valid: Mapping[str, np.ndarray]
    version: str = ""


def no_check() -> None:
    """The check of a reader that nothing interrupts."""


# (first row, row after the last) of stretches of rows.
Runs: TypeAlias = "Sequence[tuple[int, int]]"


class OpenIndex(Protocol):
    """The index of an open version: `x` and `y` are its axes, square levels are (k + offset, k). All methods raise as
    `OpenVersion.blocks`.
    """

    @property
    def x(self) -> str: ...

    @property
    def y(self) -> str: ...

    @property
    def offset(self) -> int: ...

    def leaves(self, check: Callable[[], None] = no_check) -> Leaves: ...

    def pyramid(self, check: Callable[[], None] = no_check) -> Pyramid: ...


class OpenVersion(Protocol):
    """A version as one grant sees it: columns that the grant leaves out do not exist here."""

    @property
    def version_id(self) -> str: ...

    @property
    def rows(self) -> int: ...

    @property
    def columns(self) -> Mapping[str, ColumnInfo]: ...

    @property
    def index(self) -> OpenIndex | None:
        """The index of the version; None when it has none, or when the grant leaves out one of its axes."""

    @property
    def sample(self) -> OpenVersion | None:
        """Some of its rows, as a version of the same columns without an index, whose row numbers are those of the
        whole; None when it has none.
        """

    def blocks(
        self, columns: Sequence[str], runs: Runs | None, check: Callable[[], None] = no_check
    ) -> Iterator[Block]:
        """The rows of ascending runs, or all rows without any, in their order, as blocks of the named columns.

        `ROW_NUMBER` may be named like any other column.

        Raises HalftoneError `unknown_column`, `unsupported_type` (a text column) or `data_corrupt`, all of
        them before the first block. `check` is called repeatedly until that block, and ends the wait by raising.
        """


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells of one column, of some rows: `values` of shape (rows,) as those of a Block, texts and labels of categories
    as str; what is not `valid` (bool, of the same shape) is missing and has no meaning.
    """

    values: np.ndarray
    valid: np.ndarray


@dataclass(frozen=True, slots=True)
class TextColumn:
    """Texts of all rows, in the order of the file.

    `offsets` int64 of shape (rows + 1,), where each row begins among the UTF-8 `bytes` of all; `valid` bool of shape
    (rows,), None: every row has a text.
    """

    offsets: np.ndarray
    bytes: np.ndarray
    valid: np.ndarray | None


class OpenRows(OpenVersion, Protocol):
    """A version whose rows can be read one by one, texts among them."""

    @property
    def is_in_file_order(self) -> bool:
        """Whether rows lie in the order of the file."""

    def labels_of(self, column: str, check: Callable[[], None] = no_check) -> Sequence[str | None]:
        """The label of each code of a category; None: missing. Raises as `blocks`."""

    def texts_of(self, column: str, check: Callable[[], None] = no_check) -> TextColumn:
        """A column of text. Raises as `blocks`."""

    def cells(
        self, columns: Sequence[str], places: np.ndarray, numbers: np.ndarray, check: Callable[[], None] = no_check
    ) -> Mapping[str, Cells]:
        """Cells of some rows: `places` says where they lie in the version, `numbers` where in the file; both int64 of
        shape (rows,).

        Raises as `blocks`, but for text columns; `render_too_large` for more text than a page may have.
        """


class Store(Protocol):
    def open(self, grant: Grant) -> OpenRows:
        """The version that `grant` names. Raises HalftoneError `data_corrupt` or `version_gone`."""
