"""What a file format provides: a reader that yields the rows of a file as typed batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from halftone_compute.ingest.columns import Cells, SourceColumn
    from halftone_compute.ingest.limits import Budget
    from halftone_compute.ingest.reading import Reading, Unreadable, Wishes
    from halftone_compute.store.manifest import Skipped


class TypesDifferError(Exception):
    """A value does not fit the type that the reader found at the start of the file."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows in order: one Arrow array per column, and the bytes of the file that were read so far."""

    rows: int
    arrays: Sequence[Cells]
    bytes_read: int


class Reader(Protocol):
    """An opened file: its columns are known, its rows come once.

    reading     how the file is read, left-out columns included
    columns     the columns that are imported
    skipped     the columns that are left out, and why
    rows_total  rows of the file; None when that is known only after reading
    unreadable  by column name, the cells so far that did not fit its type
    batches()   the rows. Raises HalftoneError with what is wrong with the file, and TypesDifferError
    """

    @property
    def reading(self) -> Reading: ...

    @property
    def unreadable(self) -> Mapping[str, Unreadable]: ...

    @property
    def columns(self) -> tuple[SourceColumn, ...]: ...

    @property
    def skipped(self) -> tuple[Skipped, ...]: ...

    @property
    def rows_total(self) -> int | None: ...

    def batches(self) -> Iterator[Batch]: ...


class Opener(Protocol):
    """Opens a file, read as it is judged and as `wishes` say. Raises HalftoneError with what is wrong with it, and
    `param_invalid` with the field for a firm wish that does not fit the file.

    `whole` asks for types that fit all of the file: set on the second attempt, after TypesDifferError. A format whose
    files name their types ignores it.
    """

    def __call__(self, path: Path, budget: Budget, wishes: Wishes, *, whole: bool) -> Reader: ...


@dataclass(frozen=True, slots=True)
class Format:
    """One file format. `endings` are the file name endings, without the first dot ("csv", "csv.gz"), by which a job
    names it; `magics` the first bytes that its files may have, none for text. `takes_folders`: `open` makes one table
    of the files in a folder by itself; those of other formats are read one after the other.
    """

    title: str
    endings: tuple[str, ...]
    open: Opener
    magics: tuple[bytes, ...] = ()
    takes_folders: bool = False
