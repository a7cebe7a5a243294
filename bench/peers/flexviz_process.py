"""FlexViz in a process of its own: it needs an older Polars than the one measured here (`make bench` installs it)."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

    from bench.engine.gestures import Look

PYTHON = Path(__file__).parents[2] / ".tools" / "flexviz" / "bin" / "python"
_CHILD = Path(__file__).parent / "flexviz_child.py"


class FlexViz:
    """A Draw: a two-dimensional histogram of the rows of a Parquet file, a bin for each pixel. A context manager."""

    def __init__(self, parquet: Path) -> None:
        """Raises OSError where it is not installed."""
        command = [str(PYTHON), str(_CHILD), str(parquet)]
        self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, look: Look) -> None:
        """Raises RuntimeError where it has no picture."""
        view = look.viewport
        wanted = {"x": [view.x0, view.x1], "y": [view.y0, view.y1], "bins": [view.width, view.height]}
        assert self._child.stdin is not None  # noqa: S101 - narrows the type
        assert self._child.stdout is not None  # noqa: S101 - narrows the type
        self._child.stdin.write(json.dumps(wanted) + "\n")
        self._child.stdin.flush()
        if not self._child.stdout.readline().startswith("drawn"):
            raise RuntimeError("FlexViz drew nothing")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._child.communicate()
