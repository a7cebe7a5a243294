"""Rows that are spread in ways that are hard for the index, and their exact order in Python integers."""

from __future__ import annotations

from functools import cmp_to_key
from typing import TYPE_CHECKING

import numpy as np
from halftone_views.lattice import MIN_EXPONENT, cell_of
from hypothesis import strategies as st

if TYPE_CHECKING:
    import pytest

# More than the bits of any cell number in these tests: cells plus this are not negative.
_ABOVE_ALL = 1 << 6000
OFFSETS = st.integers(-7, 7)


def exact_order(a: tuple[int, int], b: tuple[int, int]) -> int:
    """How cells (x, y) compare in the order of the bits y, x, y, x... from the highest on: negative when `a` is first.

    The axis whose highest differing bit is higher decides (Chan 2002, "Closest-point problems simplified on the RAM").
    """
    (ax, ay), (bx, by) = ((x + _ABOVE_ALL, y + _ABOVE_ALL) for x, y in (a, b))
    is_y_first = (ay ^ by).bit_length() >= (ax ^ bx).bit_length()
    return ay - by if is_y_first else ax - bx


def sorted_rows(cells: list[tuple[int, int]]) -> list[int]:
    """The places of cells in their exact order; equal ones keep theirs."""

    def compare(first: int, second: int) -> int:
        return exact_order(cells[first], cells[second])

    return sorted(range(len(cells)), key=cmp_to_key(compare))


def finest_cells(xs: np.ndarray, ys: np.ndarray, offset: int) -> list[tuple[int, int]]:
    """Cells (x, y) of the square level that tells apart all numbers on both axes."""
    k = MIN_EXPONENT - max(offset, 0)
    return cells_at(xs, ys, k + offset, k)


def cells_at(xs: np.ndarray, ys: np.ndarray, ex: int, ey: int) -> list[tuple[int, int]]:
    return [(cell_of(x, ex), cell_of(y, ey)) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)]


def _axes(count: int) -> st.SearchStrategy[np.ndarray]:
    def around(center: float, radius: float) -> st.SearchStrategy[float]:
        return st.floats(center - radius, center + radius)

    kinds = [
        around(0.0, 1.0),
        around(2.0**40, 2.0**-10),
        around(-(2.0**40), 1.0),
        around(1.6e15, 1e12),
        st.integers(-9, 9).map(lambda step: step * 5e-324),
        st.one_of(around(0.0, 1e-3), st.sampled_from((1e300, -1e300))),
        st.sampled_from((7.0, -1e300, 3e-320)),
        st.integers(-3, 3).map(lambda step: 7.0 + step * 2.0**-50),
        st.floats(-(2.0**1000), 2.0**999),
    ]
    constant = st.sampled_from((0.0, 7.0, -1e300, 1e300, 3e-320)).map(lambda value: [value] * count)
    lists = [st.lists(kind, min_size=count, max_size=count) for kind in kinds]
    return st.one_of(*lists, constant).map(np.array)


PAIRS = st.integers(2, 12).flatmap(lambda count: st.tuples(_axes(count), _axes(count)))


def few_rows_a_leaf(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    """Leaves hold at most that many rows in this test."""
    for module in ("index.sort", "index.walk", "index.build", "index.pair", "store.index.leaves"):
        monkeypatch.setattr(f"halftone_compute.{module}.LEAF_ROWS", rows)


def few_rows_a_chunk(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    """Files are read in chunks of that many rows in this test."""
    for module in ("coordinates", "shuffle", "tiles", "zones"):
        monkeypatch.setattr(f"halftone_compute.index.{module}.CHUNK_ROWS", rows)


def hard_rows() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """(x, y) by name: some thousand rows each, fewer where the tree over them is deep."""
    rng = np.random.default_rng(5)
    rows = 4000
    fractal = rng.random((rows, 2))
    for _ in range(20):
        fractal = np.where(rng.random((rows, 1)) < 0.5, fractal / 2, (fractal + np.array([1, 0])) / 2)
    centers = rng.normal(size=(rows // 4, 2))
    clusters = np.repeat(centers, 4, axis=0) + rng.normal(size=(rows, 2)) * 1e-9
    even = rng.random(rows)
    return {
        "normal": (rng.normal(size=rows), rng.normal(size=rows)),
        "a point and noise": (
            np.append(np.full(3000, 3.5), rng.random(500)),
            np.append(np.full(3000, -2.0), rng.random(500)),
        ),
        "only a point": (np.full(rows, 3.5), np.full(rows, -2.0)),
        "a line": (np.full(rows, 3.5), even),
        "a diagonal": (even, even),
        "clusters": (clusters[:, 0].copy(), clusters[:, 1].copy()),
        "a fractal": (fractal[:, 0].copy(), fractal[:, 1].copy()),
        "far from the origin": (1.6e15 + rng.integers(0, 10**12, rows).astype(float), even),
        "an outlier": (np.append(rng.random(500), 1e300), np.append(rng.random(500), -1e300)),
        "subnormal": (rng.integers(0, 3, rows) * 5e-324, rng.integers(-3, 3, rows) * 5e-324),
        "close on one axis": (rng.integers(0, 3, rows) * 1e-20, np.full(rows, 7.0)),
        "every power of two": ((2.0 ** np.arange(-1000.0, 1000.0)).repeat(2), np.zeros(4000)),
    }
