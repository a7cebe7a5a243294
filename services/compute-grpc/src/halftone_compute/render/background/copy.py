"""An ordered copy: the columns that a plan reads, in the order of its axes, with an index of its own."""

from __future__ import annotations

import math
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_views.columns import ColumnInfo
from halftone_views.default_view import opening
from halftone_views.glyph import glyph_of
from halftone_views.lattice.transform import transform_of

from halftone_compute.index.build import IndexBuild
from halftone_compute.index.pair import Pair, offset_between
from halftone_compute.render import axes
from halftone_compute.render.background.room import PREFIX
from halftone_compute.store.base import ROW_NUMBER, no_check
from halftone_compute.store.checksums import VerifiedFiles
from halftone_compute.store.columns import VersionColumns
from halftone_compute.store.files import LocalFiles
from halftone_compute.store.hashed_file import HashedFile
from halftone_compute.store.manifest import ColumnEntry, Manifest
from halftone_compute.store.versions import blocks_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from halftone_compute.backends.base import Cancel
    from halftone_compute.render.background.room import MakeRoom
    from halftone_compute.render.job import RenderJob
    from halftone_compute.store.base import Block, Runs
    from halftone_compute.store.columns import MappedColumn
    from halftone_compute.store.index.leaves import Leaves
    from halftone_compute.store.pyramid.tiles import Pyramid

# Rows that are ordered in memory at once, some hundred megabytes.
_MOST_ROWS = 1 << 22


@dataclass(frozen=True)
class CopiedIndex:
    """The OpenIndex of a copy."""

    x: str
    y: str
    known_leaves: Leaves
    known_pyramid: Pyramid

    @property
    def offset(self) -> int:
        return self.known_pyramid.offset

    def leaves(self, check: Callable[[], None] = no_check) -> Leaves:
        return self.known_leaves

    def pyramid(self, check: Callable[[], None] = no_check) -> Pyramid:
        return self.known_pyramid


@dataclass(frozen=True)
class OrderedCopy:
    """An OpenVersion of some columns. Axes with a transform are columns of their own, named as `axes.name_of` does."""

    version_id: str
    rows: int
    columns: Mapping[str, ColumnInfo]
    index: CopiedIndex
    bytes: int
    mapped: Mapping[str, MappedColumn] = field(repr=False)
    # That of the version itself serves its copies.
    sample: None = None

    def blocks(
        self, columns: Sequence[str], runs: Runs | None, check: Callable[[], None] = no_check
    ) -> Iterator[Block]:
        unknown = [name for name in columns if name not in self.mapped]
        if unknown:
            raise HalftoneError(ErrorCode.UNKNOWN_COLUMN, field=unknown[0])
        mapped = {name: self.mapped[name] for name in columns}
        return blocks_of(self, runs, mapped, is_numbered=ROW_NUMBER in columns)


@dataclass(frozen=True)
class CopyBuild:
    """Copies the rows of the version of a job. `columns` are read, by the names that blocks have after `axes.added`;
    square levels of the copy are (k + offset, k).
    """

    job: RenderJob
    version_id: str
    columns: tuple[str, ...]
    offset: int
    folder: Path
    make_room: MakeRoom
    cancel: Cancel

    def run(self) -> OrderedCopy:
        """Raises OSError, and as `OpenVersion.blocks`."""
        with tempfile.TemporaryDirectory(prefix=PREFIX, dir=self.folder) as folder:
            return self._ordered(Path(folder))

    def _ordered(self, folder: Path) -> OrderedCopy:
        copied = Manifest("", self.version_id, self.job.version.rows, "", self._written(folder))
        ordered = IndexBuild(folder, copied, self._pair(), _MOST_ROWS, self._report, HashedFile.close).run()
        size = sum(file.bytes for file in ordered.files)
        self.make_room(size)
        index = ordered.index
        if index is None:
            raise HalftoneError(ErrorCode.DATA_CORRUPT)
        check = self.cancel.check
        # What is mapped stays readable when the folder goes.
        files = VersionColumns(ordered, folder, VerifiedFiles(), LocalFiles())
        return OrderedCopy(
            version_id=self.version_id,
            rows=ordered.rows,
            columns={column.info.name: column.info for column in ordered.columns},
            index=CopiedIndex(index.x, index.y, files.leaves(index, check), files.pyramid(index, check)),
            bytes=size,
            mapped={column.info.name: files.map(column, check) for column in ordered.columns},
        )

    def _written(self, folder: Path) -> tuple[ColumnEntry, ...]:
        """The columns as files, in the order of the version."""
        version, transformed = self.job.version, axes.transformed(self.job.plan, self.job.version.columns)
        files: dict[tuple[str, str], HashedFile] = {}
        layouts: dict[str, str] = {}
        for block in version.blocks(axes.stored(self.columns, transformed), None, self.cancel.check):
            self.cancel.check()
            added = axes.added(block, transformed)
            if not files:
                # The copy, and what it is ordered from.
                held = [each[name] for each in (added.values, added.valid) for name in self.columns if name in each]
                a_row = sum(array.itemsize for array in held)
                self.make_room(2 * a_row * version.rows)
            for place, name in enumerate(self.columns):
                for role, arrays in (("values", added.values), ("valid", added.valid)):
                    if name in arrays:
                        if (name, role) not in files:
                            files[name, role] = HashedFile(folder, f"c{place:04d}.{role}")
                        files[name, role].write(arrays[name])
                layouts[name] = added.values[name].dtype.str
        finished = {key: file.close() for key, file in files.items()}
        return tuple(
            ColumnEntry(
                self._info(name),
                "plain",
                layouts[name],
                {role: file for (owner, role), file in finished.items() if owner == name},
            )
            for name in self.columns
        )

    def _info(self, name: str) -> ColumnInfo:
        known = self.job.version.columns
        return known[name] if name in known else ColumnInfo(name, "number", "double")

    def _pair(self) -> Pair:
        plan = self.job.plan
        x = axes.name_of(plan.x)
        return Pair(x, x if glyph_of(plan.glyph).is_flat else axes.name_of(plan.y), self.offset)

    def _report(self, phase: str, rows: int, total: int) -> None:
        self.cancel.check()


def offset_for(job: RenderJob) -> int:
    """The offset that fits the picture that opens on the axes of a job."""
    plan, columns = job.plan, job.version.columns
    if glyph_of(plan.glyph).is_flat:
        return 0
    shown = [opening(columns[axis.column], transform_of(axis.transform)) for axis in (plan.x, plan.y)]
    is_finite = all(math.isfinite(end) for interval in shown for end in interval)
    return offset_between(*shown) if is_finite else 0
