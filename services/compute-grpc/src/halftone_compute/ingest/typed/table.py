"""The columns of a typed file as columns of a dataset, judged on some of its rows and changed by wishes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from halftone_servicekit.errors import ErrorCode, HalftoneError

from halftone_compute.ingest.columns import SourceColumn, column_names, source_column
from halftone_compute.ingest.reading import ColumnReading, Reading, ReadingWarning
from halftone_compute.ingest.typed.conversions import conversion_of
from halftone_compute.ingest.typed.leaves import leaves
from halftone_compute.ingest.typed.misfits import Misfits
from halftone_compute.ingest.typed.wished import changed
from halftone_compute.store.manifest import Skipped

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pyarrow as pa

    from halftone_compute.ingest.columns import Cells
    from halftone_compute.ingest.reading import Unreadable, Wishes
    from halftone_compute.ingest.typed.conversions import Conversion, Part
    from halftone_compute.ingest.typed.leaves import Leaf


@dataclass(frozen=True, slots=True)
class _Used:
    """A leaf that is read, and the names of the columns it becomes; None for those that are left out by wish."""

    leaf: Leaf
    conversion: Conversion
    names: tuple[str | None, ...]


class TypedTable:
    """Makes batches of a schema into the arrays of `columns`. `looked` are batches to judge on: the types are known,
    but not whether bytes are points, whether numbers are times, and how many digits decimals have.

    reading, columns, skipped, unreadable  as of a Reader
    fields                                 places of the top-level fields that `arrays` needs; others may be anything

    Raises HalftoneError `unsupported_type` when no column is left, `bad_column_name`, `too_many_columns`, and
    `param_invalid` for a firm wish that does not fit.
    """

    def __init__(
        self,
        format: str,
        schema: pa.Schema,
        wishes: Wishes,
        looked: Sequence[pa.RecordBatch],
        warnings: Iterable[ReadingWarning] = (),
    ) -> None:
        cells = {leaf: [leaf.cells(batch.column(leaf.place)) for batch in looked] for leaf in leaves(schema)}
        judged = [(leaf, conversion_of(leaf, own)) for leaf, own in cells.items()]
        kept = [
            (leaf, changed(made, wishes, leaf.source, cells[leaf]))
            for leaf, made in judged
            if not isinstance(made, str)
        ]
        without = [(leaf, made) for leaf, made in judged if isinstance(made, str)]
        _check_sources(wishes, judged)
        read = _read([(leaf, part) for leaf, made in kept for part in made.parts], wishes)
        self._misfits = Misfits()
        self._used = list(_used(kept, read))
        self.columns = tuple(_column(column.name, part) for column, part in read if not column.leave_out)
        if not self.columns:
            raise HalftoneError(ErrorCode.UNSUPPORTED_TYPE, "No column of the file can be drawn or counted.")
        self.skipped = tuple(_skipped(leaf) for leaf, _ in without)
        said = [*warnings, *(_noted(leaf, made) for leaf, made in kept if made.note)]
        said += [ReadingWarning("left_out", f"{leaf.source} is left out: {why}.", leaf.source) for leaf, why in without]
        self.reading = Reading(format, tuple(column for column, _ in read), None, tuple(said))

    @property
    def unreadable(self) -> Mapping[str, Unreadable]:
        return self._misfits.found

    @property
    def fields(self) -> list[int]:
        return sorted({used.leaf.place for used in self._used})

    def arrays(self, batch: pa.RecordBatch) -> list[Cells]:
        """The next rows in order. Raises TypesDifferError."""
        found: list[Cells] = []
        for used in self._used:
            cells = used.leaf.cells(batch.column(used.leaf.place))
            for name, (array, unfit) in zip(used.names, used.conversion.make(cells), strict=True):
                if name is not None:
                    found.append(array)
                    self._misfits.add(name, cells, unfit, used.conversion.shown)
        self._misfits.next(batch.num_rows)
        return found


def _check_sources(wishes: Wishes, judged: Sequence[tuple[Leaf, Conversion | str]]) -> None:
    known = {leaf.source for leaf, _ in judged}
    known |= {leaf.source + part.suffix for leaf, made in judged if not isinstance(made, str) for part in made.parts}
    for source in wishes.columns if wishes.firm else ():
        if source not in known:
            field = f"reading.columns.{source}"[:255]
            raise HalftoneError(ErrorCode.PARAM_INVALID, "The file has no such column.", field=field)


def _read(parts: Sequence[tuple[Leaf, Part]], wishes: Wishes) -> list[tuple[ColumnReading, Part]]:
    wished = [wishes.columns.get(leaf.source + part.suffix, {}) for leaf, part in parts]
    sources = [leaf.source + part.suffix for leaf, part in parts]
    names = column_names([wish.get("name", source) for wish, source in zip(wished, sources, strict=True)])
    return [
        (
            ColumnReading(
                source=source,
                name=name,
                type=part.type,
                format=part.format,
                unit=wish.get("unit", part.unit),
                missing=part.missing,
                leave_out=wish.get("leave_out", False),
                suggest=part.suggest,
            ),
            part,
        )
        for source, name, wish, (_, part) in zip(sources, names, wished, parts, strict=True)
    ]


def _used(kept: Sequence[tuple[Leaf, Conversion]], read: Sequence[tuple[ColumnReading, Part]]) -> Iterable[_Used]:
    columns = iter(column for column, _ in read)
    for leaf, conversion in kept:
        own = [next(columns) for _ in conversion.parts]
        if not all(column.leave_out for column in own):
            yield _Used(leaf, conversion, tuple(None if column.leave_out else column.name for column in own))


def _column(name: str, part: Part) -> SourceColumn:
    column = source_column(name, part.dtype)
    if column is None:
        raise TypeError(f"{part.dtype} is no type that a conversion may make")
    return column


def _skipped(leaf: Leaf) -> Skipped:
    return Skipped(leaf.source, str(leaf.type)[:200], ErrorCode.UNSUPPORTED_TYPE.value)


def _noted(leaf: Leaf, conversion: Conversion) -> ReadingWarning:
    return ReadingWarning("exact_text", f"{leaf.source} {conversion.note}.", leaf.source)
