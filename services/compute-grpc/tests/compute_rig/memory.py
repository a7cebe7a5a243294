"""A store that keeps its versions in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from halftone_compute.index.sample import chosen_rows
from halftone_compute.store.base import BLOCK_ROWS, ROW_NUMBER, Block, Cells, OpenIndex, Runs, TextColumn, no_check
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_views.columns import ColumnInfo, ColumnType

from compute_rig.waiting import PATIENCE_S

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from halftone_servicekit.tokens import Grant


@dataclass
class MemoryVersion:
    """Columns of one version. `gate` holds each block back until it is set; `blocks_read` counts them.

    `repeat` gives every row several times: a long pass from little memory.
    """

    version_id: str
    values: Mapping[str, np.ndarray]
    types: Mapping[str, ColumnType] = field(default_factory=dict)
    valid: Mapping[str, np.ndarray] = field(default_factory=dict)
    block_rows: int = BLOCK_ROWS
    gate: threading.Event | None = None
    repeat: int = 1
    # Of number columns that can be categories too.
    labels: Mapping[str, tuple[tuple[str | None, int], ...]] = field(default_factory=dict)
    failure: Exception | None = None
    blocks_read: int = 0
    passes: int = 0
    index: OpenIndex | None = None
    sample: MemoryVersion | None = None

    def with_sample(self, count: int) -> MemoryVersion:
        """This version, with a sample of that many rows."""
        rows, order = chosen_rows(self.rows, count, seed=1)
        values = {name: column[rows[order]] for name, column in self.values.items()}
        valid = {name: column[rows[order]] for name, column in self.valid.items()}
        self.sample = MemoryVersion(f"{self.version_id}-sample", values, self.types, valid, labels=self.labels)
        return self

    @property
    def rows(self) -> int:
        return len(next(iter(self.values.values())))

    @cached_property
    def columns(self) -> Mapping[str, ColumnInfo]:
        return {name: self._info(name) for name in self.values}

    def blocks(
        self, columns: Sequence[str], runs: Runs | None, check: Callable[[], None] = no_check
    ) -> Iterator[Block]:
        self.passes += 1
        cuts = [(start, start + self.block_rows) for start in range(0, self.rows, self.block_rows)] * self.repeat
        for start, stop in cuts if runs is None else runs:
            if self.gate is not None:
                # Not without end: a test that fails before it opens the gate must still stop its server.
                self.gate.wait(PATIENCE_S)
            if self.failure is not None:
                raise self.failure
            self.blocks_read += 1
            cut = slice(start, stop)
            valid = {name: mask[cut] for name, mask in self.valid.items() if name in columns}
            values = {name: self.values[name][cut] for name in columns if name != ROW_NUMBER}
            if ROW_NUMBER in columns:
                values[ROW_NUMBER] = np.arange(self.rows)[cut]
            yield Block(start, values, valid)

    @property
    def is_in_file_order(self) -> bool:
        return True

    def labels_of(self, column: str, check: Callable[[], None] = no_check) -> Sequence[str | None]:
        return [label for label, _ in self.columns[column].categories]

    def texts_of(self, column: str, check: Callable[[], None] = no_check) -> TextColumn:
        raise NotImplementedError

    def cells(
        self, columns: Sequence[str], places: np.ndarray, numbers: np.ndarray, check: Callable[[], None] = no_check
    ) -> Mapping[str, Cells]:
        whole = np.ones(self.rows, np.bool_)
        return {name: Cells(self.values[name][places], self.valid.get(name, whole)[places]) for name in columns}

    def restricted(self, grant: Grant) -> MemoryVersion:
        return self if grant.allows("*") else Restricted(self, grant)

    def _info(self, name: str) -> ColumnInfo:
        values = self.values[name]
        kind = self.types.get(name, "number")
        if kind == "category":
            counts = np.bincount(values) if len(values) else np.zeros(0, int)
            return ColumnInfo(
                name,
                kind,
                "dictionary",
                distinct=len(counts),
                categories=tuple((f"c{i}", int(n)) for i, n in enumerate(counts)),
            )
        finite = values[np.isfinite(values)] if values.dtype.kind == "f" else values
        low, high = (float(finite.min()), float(finite.max())) if len(finite) else (None, None)
        arrow = {"float32": "float", "float64": "double"}.get(values.dtype.name, values.dtype.name)
        nulls = int((~self.valid[name]).sum()) if name in self.valid else int(np.isnan(values).sum())
        infinite = len(values) - len(finite) - (nulls if values.dtype.kind == "f" else 0)
        return ColumnInfo(
            name,
            kind,
            arrow,
            low,
            high,
            nulls,
            categories=self.labels.get(name, ()),
            infinite=infinite,
            typical_min=low,
            typical_max=high,
        )


class Restricted(MemoryVersion):
    """The same version without the columns that a grant leaves out."""

    def __init__(self, whole: MemoryVersion, grant: Grant) -> None:
        readable = {name: values for name, values in whole.values.items() if grant.allows(name)}
        super().__init__(whole.version_id, readable, whole.types, whole.valid, whole.block_rows, whole.gate)


@dataclass
class MemoryStore:
    versions: dict[str, MemoryVersion] = field(default_factory=dict)

    def open(self, grant: Grant) -> MemoryVersion:
        version = self.versions.get(grant.version_id)
        if version is None:
            raise HalftoneError(ErrorCode.VERSION_GONE)
        return version.restricted(grant)
