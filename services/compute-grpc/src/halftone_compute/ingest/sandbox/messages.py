"""What the worker and the child process that reads a file say to each other."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class FileRequest(Protocol):
    """A file to read, and an empty folder to write to. `format` is the ending of a known format.

    `reading` is what a person changed of the reading, `base` the reading of the version before, if there is one.
    """

    @property
    def source(self) -> Path: ...

    @property
    def format(self) -> str: ...

    @property
    def folder(self) -> Path: ...

    @property
    def max_bytes(self) -> int: ...

    @property
    def reading(self) -> Mapping[str, Any]: ...

    @property
    def base(self) -> Mapping[str, Any] | None: ...


@dataclass(frozen=True, slots=True)
class ConvertRequest:
    """The whole file becomes a version, whose rows shall be ordered by `pair`, a PairWish as JSON."""

    source: Path
    format: str
    folder: Path
    dataset_id: str
    version_id: str
    max_bytes: int
    reading: Mapping[str, Any] = field(default_factory=dict)
    base: Mapping[str, Any] | None = None
    pair: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class PreviewRequest:
    """The beginning of the file becomes a preview."""

    source: Path
    format: str
    folder: Path
    max_bytes: int
    reading: Mapping[str, Any] = field(default_factory=dict)
    base: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """The files of a version in `folder` are put in order, in `memory` bytes: that of `pair`, a PairWish as JSON."""

    folder: Path
    memory: int
    pair: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is. `rows_total` is None while the number of rows in the file is unknown."""

    phase: str
    rows: int
    rows_total: int | None
    bytes: int
    bytes_total: int

    def as_json(self) -> dict[str, object]:
        return asdict(self)
