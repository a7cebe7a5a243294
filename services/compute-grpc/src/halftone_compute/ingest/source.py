"""What an import reads: one file, or all below a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def files_of(path: Path) -> list[Path]:
    """The file itself, or those below a folder in the order of their names. Links, and names that begin with `.` or
    `_`, are left out.
    """
    if not path.is_dir():
        return [path]
    found = [place for place in path.rglob("*") if place.is_file() and not place.is_symlink()]
    shown = [place for place in found if not _is_hidden(place.relative_to(path).as_posix())]
    return sorted(shown, key=lambda place: place.relative_to(path).as_posix())


def bytes_of(path: Path) -> int:
    """Bytes of the file, or of all below the folder."""
    return sum(place.stat().st_size for place in files_of(path))


def _is_hidden(name: str) -> bool:
    return any(step.startswith((".", "_")) for step in name.split("/"))
