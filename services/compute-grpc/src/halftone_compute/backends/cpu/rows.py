"""Rows on their way into loops: small parts of a block, and columns as the loops take them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from halftone_compute.store.base import Block

if TYPE_CHECKING:
    from collections.abc import Iterator

    from halftone_compute.backends.base import Task


def parts(block: Block, task: Task, size: int) -> Iterator[Block]:
    """The columns of a task in parts of at most `size` rows."""
    rows = len(block.values[task.x])
    for start in range(0, rows, size):
        cut = slice(start, start + size)
        values = {name: block.values[name][cut] for name in task.columns}
        valid = {name: mask[cut] for name, mask in block.valid.items()}
        yield Block(block.start + start, values, valid, block.version)


def floats(block: Block, name: str) -> np.ndarray:
    """A new float64 array of a column, NaN for null."""
    numbers = block.values[name].astype(np.float64)
    if name in block.valid:
        numbers[~block.valid[name]] = np.nan
    return numbers


def coordinates(block: Block, x: str, y: str) -> tuple[np.ndarray, np.ndarray]:
    """Both axes as float32 where both are, without a copy; else as float64. Two compilations serve every pair."""
    xs, ys = block.values[x], block.values[y]
    if xs.dtype == ys.dtype == np.float32:
        return xs, ys
    return floats(block, x), floats(block, y)
