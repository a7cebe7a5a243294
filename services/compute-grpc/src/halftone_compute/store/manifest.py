"""The manifest: the file that lists the columns and files of a version.

JSON, written last and never changed. `checksum` is the SHA-256 of the canonical JSON of everything else, so a flipped
bit in the manifest is detected like one in the data. An unknown `format` or `storage` is refused, so that later code
can add layouts beside `plain`.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_views.columns import ColumnInfo

from halftone_compute.store.data_file import DataFile
from halftone_compute.store.index.entry import ROLES, IndexEntry
from halftone_compute.store.index.sample_entry import SampleEntry

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = 1
ENGINE = "columns-1"
FILE_NAME = "manifest.json"
# `plain`: one little-endian number per row in `values`; where nulls exist, one byte per row (1 = valid) in `valid`.
# `utf8`: int64 offsets (rows + 1) in `offsets`, the bytes of all rows in `values`.
STORAGES = frozenset({"plain", "utf8"})
# Of a column; versions made earlier lack them.
_LATER = (
    "unit",
    "time_unit",
    "infinite",
    "out_of_range",
    "unreadable",
    "typical_min",
    "typical_max",
    "least_positive",
)
_PLAIN_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,127}\Z")


@dataclass(frozen=True, slots=True)
class ColumnEntry:
    """One column: its description (`info`) and its files.

    `layout` is the NumPy dtype of `values` ("<i4", "<f8"; empty for utf8), `files` maps a role (`values`, `valid`,
    `offsets`, `labels`) to a file beside the manifest. `labels` holds every [label, count] of a category in code
    order as JSON; `info.categories` only the most frequent.
    """

    info: ColumnInfo
    storage: str
    layout: str
    files: Mapping[str, DataFile]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A source column that was left out, and why."""

    name: str
    dtype: str
    reason: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """`reading` is how the file was read (`ingest.reading.Reading` as JSON), `unreadable` by column the cells that did
    not fit: {"count", "cells": [{"line", "text"}]}. Both are empty in versions made before they were kept.
    With an `index` the rows of `plain` columns are in its order; those of text stay in the order of the file.
    Few rows have no `sample`, nor have versions from before it was kept.
    """

    dataset_id: str
    version_id: str
    rows: int
    content_hash: str
    columns: tuple[ColumnEntry, ...]
    skipped: tuple[Skipped, ...] = field(default=())
    reading: Mapping[str, Any] = field(default_factory=dict)
    unreadable: Mapping[str, Any] = field(default_factory=dict)
    index: IndexEntry | None = None
    sample: SampleEntry | None = None

    @property
    def files(self) -> list[DataFile]:
        """Every file beside the manifest."""
        files = [file for column in self.columns for file in column.files.values()]
        files += [] if self.index is None else self.index.files.values()
        return files if self.sample is None else [*files, *_sample_files(self.sample)]

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)


def dump(manifest: Manifest) -> bytes:
    body: dict[str, object] = {
        "format": FORMAT,
        "engine": ENGINE,
        "dataset_id": manifest.dataset_id,
        "version_id": manifest.version_id,
        "rows": manifest.rows,
        "content_hash": manifest.content_hash,
        "columns": [_column_json(column) for column in manifest.columns],
        "skipped": [asdict(skipped) for skipped in manifest.skipped],
        "reading": dict(manifest.reading),
        "unreadable": dict(manifest.unreadable),
    }
    if manifest.index is not None:
        body["index"] = {**asdict(manifest.index), "files": _files_json(manifest.index.files)}
    if manifest.sample is not None:
        body["sample"] = asdict(manifest.sample)
    return json.dumps({**body, "checksum": _checksum(body)}, indent=1, allow_nan=False).encode()


def load(raw: bytes) -> Manifest:
    """Raises HalftoneError `data_corrupt` for bytes that `dump` did not write."""
    try:
        body = json.loads(raw)
        checksum = body.pop("checksum")
        if checksum != _checksum(body) or body["format"] != FORMAT:
            raise ValueError("checksum or format differs")
        return _verified(
            Manifest(
                dataset_id=body["dataset_id"],
                version_id=body["version_id"],
                rows=body["rows"],
                content_hash=body["content_hash"],
                columns=tuple(_column(entry) for entry in body["columns"]),
                skipped=tuple(Skipped(**skipped) for skipped in body["skipped"]),
                reading=body.get("reading", {}),
                unreadable=body.get("unreadable", {}),
                index=_index(body["index"]) if "index" in body else None,
                sample=_sample(body["sample"]) if "sample" in body else None,
            )
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise corrupt("The manifest of this version is damaged.") from error


def corrupt(detail: str) -> HalftoneError:
    """The error for a version that is damaged."""
    return HalftoneError(ErrorCode.DATA_CORRUPT, detail)


def _checksum(body: Mapping[str, object]) -> str:
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _column_json(column: ColumnEntry) -> dict[str, object]:
    return {
        **asdict(column.info),
        "storage": column.storage,
        "layout": column.layout,
        "files": _files_json(column.files),
    }


def _files_json(files: Mapping[str, DataFile]) -> dict[str, object]:
    return {role: asdict(file) for role, file in files.items()}


def _index(entry: dict[str, Any]) -> IndexEntry:
    files = {role: DataFile(**file) for role, file in entry["files"].items()}
    return IndexEntry(**{**entry, "zoned": tuple(entry["zoned"]), "files": files})


def _sample(entry: dict[str, Any]) -> SampleEntry:
    columns = {
        name: {role: DataFile(**file) for role, file in files.items()} for name, files in entry["columns"].items()
    }
    return SampleEntry(entry["rows"], DataFile(**entry["numbers"]), columns)


def _column(entry: dict[str, Any]) -> ColumnEntry:
    info = {key: entry[key] for key in ("name", "type", "dtype", "min", "max", "nulls", "distinct")}
    info |= {key: entry[key] for key in _LATER if key in entry}
    categories = tuple((label, count) for label, count in entry["categories"])
    return ColumnEntry(
        info=ColumnInfo(**info, categories=categories),
        storage=entry["storage"],
        layout=entry["layout"],
        files={role: DataFile(**file) for role, file in entry["files"].items()},
    )


def _verified(manifest: Manifest) -> Manifest:
    """Raises ValueError when the parts contradict each other."""
    if len({column.info.name for column in manifest.columns}) != len(manifest.columns):
        raise ValueError("two columns share a name")
    files = [file.file for file in manifest.files]
    if len(set(files)) != len(files) or not all(_PLAIN_NAME.match(name) for name in files):
        raise ValueError("a file is named twice or lies elsewhere")
    for column in manifest.columns:
        if column.storage not in STORAGES or "values" not in column.files:
            raise ValueError("unknown storage")
    if manifest.index is not None and set(manifest.index.files) != set(ROLES):
        raise ValueError("the index lacks a file")
    if manifest.sample is not None and not _is_of(manifest.sample, manifest.columns):
        raise ValueError("the sample is of other columns")
    return manifest


def _sample_files(sample: SampleEntry) -> list[DataFile]:
    return [sample.numbers, *(file for files in sample.columns.values() for file in files.values())]


def _is_of(sample: SampleEntry, columns: tuple[ColumnEntry, ...]) -> bool:
    """Whether a sample has the files of these columns."""
    roles = {
        column.info.name: {"values", "valid"} & set(column.files) for column in columns if column.storage == "plain"
    }
    return roles == {name: set(files) for name, files in sample.columns.items()}
