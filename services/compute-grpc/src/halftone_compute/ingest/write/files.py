"""Column files: written once from start to end, hashed on the way. What is published of them is synced then."""

from __future__ import annotations

import hashlib
import itertools
import os
from typing import TYPE_CHECKING

import numpy as np
from typing_extensions import override

from halftone_compute.store.hashed_file import HashedFile, bytes_of, write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from halftone_compute.ingest.limits import Budget
    from halftone_compute.store.data_file import DataFile

_CHUNK_ROWS = 1 << 20


class ColumnFile(HashedFile):
    """A file of numbers or bytes below `folder`. Raises OSError, and `too_large_uncompressed` over the budget."""

    def __init__(self, folder: Path, name: str, budget: Budget) -> None:
        super().__init__(folder, name)
        self._budget = budget

    @override
    def write(self, data: np.ndarray | bytes | memoryview) -> None:
        self._budget.spend(data.nbytes if isinstance(data, np.ndarray) else len(memoryview(data)))
        super().write(data)

    def chunks(self, dtype: np.dtype) -> Iterator[np.ndarray]:
        """The numbers written so far, in arrays of at most a million."""
        width = dtype.itemsize
        for start in range(0, self.bytes, _CHUNK_ROWS * width):
            yield np.frombuffer(os.pread(self._descriptor, _CHUNK_ROWS * width, start), dtype)

    def rewrite(self, dtype: np.dtype, changed: Callable[[np.ndarray], np.ndarray]) -> None:
        """Replaces all numbers in place, `changed` giving those of each of `chunks` in the same dtype."""
        self._digest = hashlib.sha256()
        start = 0
        for chunk in self.chunks(dtype):
            view = bytes_of(changed(chunk))
            self._digest.update(view)
            write_whole(self._descriptor, view, start)
            start += len(view)


class ValidityFile:
    """One byte per row, 1 where the row has a value; there is no file until the first null."""

    def __init__(self, folder: Path, name: str, budget: Budget) -> None:
        self._arguments = (folder, name, budget)
        self._file: ColumnFile | None = None
        self._rows = 0

    def add(self, rows: int, valid: np.ndarray | None) -> None:
        if self._file is None and valid is not None:
            self._file = ColumnFile(*self._arguments)
            for start in range(0, self._rows, _CHUNK_ROWS):
                self._file.write(np.ones(min(_CHUNK_ROWS, self._rows - start), np.bool_))
        if self._file is not None:
            self._file.write(np.ones(rows, np.bool_) if valid is None else valid)
        self._rows += rows

    def chunks(self) -> Iterator[np.ndarray | None]:
        """What was added, in the steps of `ColumnFile.chunks`; None where there is no file."""
        if self._file is None:
            yield from itertools.repeat(None)
        else:
            yield from self._file.chunks(np.dtype(np.bool_))

    def finish(self) -> dict[str, DataFile]:
        return {} if self._file is None else {"valid": self._file.close()}
