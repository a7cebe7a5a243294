"""Opens a file as it is judged, as a person wishes, and as the version before was read."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from halftone_compute.ingest.limits import Budget
from halftone_compute.ingest.reading import Wishes
from halftone_compute.ingest.registry import format_of
from halftone_compute.ingest.sandbox.many import ManyReader
from halftone_compute.ingest.source import bytes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from halftone_compute.ingest.format import Reader
    from halftone_compute.ingest.reading import Reading
    from halftone_compute.ingest.sandbox.messages import FileRequest

# What of a column's reading a later file takes over; `source` is the key, and `suggest` is judged anew.
_KEPT = ("name", "type", "format", "unit", "missing", "leave_out")


def open_file(request: FileRequest, *, whole: bool) -> tuple[Reader, Budget]:
    """The reader, and the budget that it shares with who writes its rows. Raises HalftoneError."""
    size = bytes_of(request.source)

    def opened(wishes: Wishes, budget: Budget) -> Reader:
        format = format_of(request.format)
        if request.source.is_dir() and not format.takes_folders:
            return ManyReader(format.open, request.source, budget, wishes, whole=whole)
        return format.open(request.source, budget, wishes, whole=whole)

    def judged(wishes: Wishes) -> Reading:
        return opened(wishes, Budget(size, request.max_bytes)).reading

    wishes = settled(Wishes.from_json(request.reading), request.base, judged)
    budget = Budget(size, request.max_bytes)
    return opened(wishes, budget), budget


def settled(person: Wishes, base: Mapping[str, Any] | None, judged: Callable[[Wishes], Reading]) -> Wishes:
    """The wishes of a person over the reading of the version before.

    Those of the version hold where they still fit, which `judged` tells; with a person's among them they are all firm.
    """
    if base is None:
        return person
    before = wishes_of(base)
    if not person.dialect and not person.columns:
        return before
    fit = judged(Wishes({**before.dialect, **person.dialect}, before.columns, firm=False))
    dialect = asdict(fit.dialect) if fit.dialect is not None else {}
    if any(dialect.get(key) != value for key, value in person.dialect.items()):
        # The judge kept another dialect, so these columns are not those that the person's dialect gives.
        return person
    columns: dict[str, dict[str, Any]] = {
        column.source: {key: _plain(getattr(column, key)) for key in _KEPT}
        for column in fit.columns
        if column.source in before.columns
    }
    for source, changes in person.columns.items():
        columns[source] = {**columns.get(source, {}), **changes}
    return Wishes(dialect, columns, firm=True)


def wishes_of(reading: Mapping[str, Any]) -> Wishes:
    """A reading as wishes that hold where they fit."""
    columns = {column["source"]: {key: column[key] for key in _KEPT if key in column} for column in reading["columns"]}
    return Wishes(dict(reading.get("dialect") or {}), columns, firm=False)


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
