"""Versions with an index, written as ingest writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from halftone_compute.index.build import IndexBuild
from halftone_compute.index.pair import Pair
from halftone_compute.store.manifest import dump, load

from compute_rig.stored import write

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np

    from compute_rig.stored import Made


def write_indexed(
    root: Path,
    columns: Mapping[str, np.ndarray],
    valid: Mapping[str, np.ndarray] | None = None,
    categories: Mapping[str, int] | None = None,
    infos: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    offset: int = 0,
    most: int = 1 << 20,
) -> Made:
    """A version ordered by its columns x and y; `most` rows are ordered in memory at once."""
    return ordered(write(root, columns, valid, categories, infos), offset, most)


def ordered(made: Made, offset: int = 0, most: int = 1 << 20) -> Made:
    """A version whose rows are put in the order of its columns x and y, however few there are."""
    manifest = load(made.file("manifest.json").read_bytes())
    build = IndexBuild(made.file(""), manifest, Pair("x", "y", offset), most, lambda phase, rows, total: None)
    made.file("manifest.json").write_bytes(dump(build.run()))
    return made
