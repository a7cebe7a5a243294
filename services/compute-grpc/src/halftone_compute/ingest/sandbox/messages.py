"""What the worker and the child process that reads a file say to each other."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class ConvertRequest:
    """The file to read, and the empty folder to write the version to. `format` is the ending of a known format."""

    source: Path
    format: str
    folder: Path
    dataset_id: str
    version_id: str
    max_bytes: int


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
