"""A disk that gets full while a child writes."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def full_disk(scratch: Path, name: str) -> Iterator[None]:
    """In this block the disk of children is full from the middle of the file `name` on."""
    folder = shutil.copytree(Path(__file__).parent / "full", scratch / "full")
    (folder / "full_at").write_text(name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH", "")))))
        yield
