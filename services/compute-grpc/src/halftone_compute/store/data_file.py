"""A file of a version, as its manifest names it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DataFile:
    file: str
    bytes: int
    sha256: str
