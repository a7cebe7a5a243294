"""Packages made for one test, and one file added to a package of ours from another folder."""

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path

RANGE = '''
"""Range: the greatest value less the least."""

from halftone.v1 import compute_pb2, frame_pb2
from halftone_views.reduction import Reduction

RANGE = Reduction(
    name="range",
    label="Range",
    accumulators=(compute_pb2.ACCUMULATOR_MIN, compute_pb2.ACCUMULATOR_MAX),
    finisher=frame_pb2.FINISHER_DIFFERENCE,
    planes=(frame_pb2.PLANE_ROLE_MAX, frame_pb2.PLANE_ROLE_MIN),
    empty=frame_pb2.EMPTY_NO_VALUE,
)
'''


def write_package(folder: Path, name: str, sources: Mapping[str, str]) -> None:
    """A package below a folder, with a file for each source."""
    package = folder / name
    package.mkdir(parents=True, exist_ok=True)
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / "_private.py").write_text("raise RuntimeError('never imported')", encoding="utf-8")
    for module, source in sources.items():
        (package / f"{module}.py").write_text(source, encoding="utf-8")
    importlib.invalidate_caches()


def forget(name: str) -> None:
    """Lets the modules of a package be imported anew."""
    for module in [module for module in sys.modules if module == name or module.startswith(f"{name}.")]:
        del sys.modules[module]
