"""Columns of more categories than a picture has planes: the rest is one "other", or the wish is refused by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from compute_rig.imported import asked, drawn, imported
from halftone.v1 import frame_pb2
from halftone_compute.ingest.limits import CATEGORIES
from halftone_compute.store.versions import LocalStore
from halftone_servicekit.errors import HalftoneError
from halftone_views.plan import MAX_CATEGORY_PLANES

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 70_000
RNG = np.random.default_rng(257)
EXTENT = frame_pb2.Extent(x0=0, x1=1, y0=0, y1=1)
EXACT = frame_pb2.Viewport(extent=EXTENT, width=16, height=8, exact_viewport=True)
X, Y = RNG.random(ROWS), RNG.random(ROWS)
OF = {"x": "x", "y": "y", "category": "k"}


def skewed(count: int) -> np.ndarray:
    """Each of so many numbers at least once, the lower ones more often."""
    often = np.minimum(RNG.geometric(0.01, ROWS - count) - 1, count - 1)
    return RNG.permutation(np.concatenate((np.arange(count), often)))


def cells(chosen: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """The exact picture of some rows, by NumPy."""
    inside = None if weights is None else weights[chosen]
    edges = [np.linspace(0, 1, 9), np.linspace(0, 1, 17)]
    found: np.ndarray = np.histogram2d(Y[chosen], X[chosen], edges, weights=inside)[0]
    return found


def planes_of_rows(codes: np.ndarray) -> list[np.ndarray]:
    """The most frequent labels first, those of equal frequency by label as text, then all others as one."""
    numbers, counts = np.unique(codes, return_counts=True)
    ranked = sorted(zip(numbers.tolist(), counts.tolist(), strict=True), key=lambda pair: (-pair[1], f"k{pair[0]}"))
    shown = [number for number, _ in ranked[: MAX_CATEGORY_PLANES - 1]]
    return [*(cells(codes == number) for number in shown), cells(~np.isin(codes, shown))]


@pytest.mark.parametrize("count", [256, 257, 300, CATEGORIES])
def test_the_rest_is_other(tmp_path: Path, count: int) -> None:
    codes = skewed(count)
    made = imported(tmp_path, {"x": X, "y": Y, "k": [f"k{code}" for code in codes]})
    store = LocalStore(tmp_path)
    version = store.open(made.grant())
    assert version.index is not None
    assert (version.columns["k"].type, version.columns["k"].distinct) == ("category", count)
    found = drawn(store, made, asked("points", EXACT, OF))
    assert len(found) == MAX_CATEGORY_PLANES
    for plane, expected in zip(found, planes_of_rows(codes), strict=True):
        np.testing.assert_array_equal(plane, expected)


def test_other_is_right_for_values_too(tmp_path: Path) -> None:
    codes, values = skewed(257), RNG.integers(0, 1000, ROWS)
    made = imported(tmp_path, {"x": X, "y": Y, "v": values, "k": [f"k{code}" for code in codes]})
    request = asked("points", EXACT, {**OF, "reduction": "sum", "value": "v"})
    found = drawn(LocalStore(tmp_path), made, request)
    # Rows, rows with a value, and sums of each plane; of the last two also those of all rows together.
    assert len(found) == 3 * MAX_CATEGORY_PLANES + 2
    rows, valid, sums = found[:16], found[16:33], found[33:]
    for plane, expected in zip(rows, planes_of_rows(codes), strict=True):
        np.testing.assert_array_equal(plane, expected)
    for planes, weights in ((valid, np.ones(ROWS)), (sums, values)):
        np.testing.assert_array_equal(planes[-1], cells(np.ones(ROWS, np.bool_), weights))
        np.testing.assert_array_equal(np.sum(planes[:-1], axis=0, dtype=np.float64), planes[-1])


def test_more_labels_than_a_category_may_have_are_text(tmp_path: Path) -> None:
    made = imported(tmp_path, {"x": X, "y": Y, "k": [f"k{code}" for code in skewed(CATEGORIES + 1)]})
    store = LocalStore(tmp_path)
    assert store.open(made.grant()).columns["k"].type == "text"
    with pytest.raises(HalftoneError, match="unsupported_type") as caught:
        drawn(store, made, asked("points", EXACT, OF))
    assert caught.value.field == "category"


@pytest.mark.parametrize(("count", "code"), [(256, ""), (257, "too_many_categories")])
def test_whole_numbers_are_categories_up_to_their_limit(tmp_path: Path, count: int, code: str) -> None:
    codes = skewed(count)
    made = imported(tmp_path, {"x": X, "y": Y, "k": codes})
    store = LocalStore(tmp_path)
    if code:
        with pytest.raises(HalftoneError, match=code) as caught:
            drawn(store, made, asked("points", EXACT, OF))
        assert (caught.value.field, "257" in caught.value.detail) == ("category", True)
        return
    found = drawn(store, made, asked("points", EXACT, OF))
    for number, plane in enumerate(found[:-1]):
        np.testing.assert_array_equal(plane, cells(codes == number))
    np.testing.assert_array_equal(found[-1], cells(codes >= MAX_CATEGORY_PLANES - 1))
