"""What a file of any format gives to the writer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from halftone_compute.ingest.columns import SourceColumn
    from halftone_compute.store.manifest import Skipped

# pyarrow.Array and pyarrow.DictionaryArray: the stubs of pyarrow lag too far behind it to be of use.
Cells: TypeAlias = Any
Codes: TypeAlias = Any


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows in order: one array for each column, and the bytes of the file that were read so far."""

    rows: int
    arrays: Sequence[Cells]
    bytes_read: int


class Source(Protocol):
    """An opened file: its columns are known, its rows come once."""

    @property
    def columns(self) -> tuple[SourceColumn, ...]: ...

    @property
    def skipped(self) -> tuple[Skipped, ...]: ...

    @property
    def rows_total(self) -> int | None:
        """None when only reading tells."""

    def batches(self) -> Iterator[Batch]:
        """Raises HalftoneError with the code of what is wrong with the file."""
