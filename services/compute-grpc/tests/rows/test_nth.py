"""The row at any place of an order, found by counting."""

from collections.abc import Iterator

import numpy as np
import pytest
from halftone_compute.rows.best import RowKeys
from halftone_compute.rows.nth import nth

KEYS = {
    "spread": np.random.default_rng(1).integers(0, 2**64, 500, np.uint64),
    "equal": np.full(500, 2**64 - 1, np.uint64),
    "close": np.uint64(2**63) + np.random.default_rng(2).integers(0, 5, 500, np.uint64),
    "ends": np.random.default_rng(3).choice(np.array([0, 2**64 - 1, 2**48 - 1, 2**48], np.uint64), 500),
}


@pytest.mark.parametrize("most", [1, 40, 1000])
@pytest.mark.parametrize("kind", KEYS)
def test_nth_is_the_row_of_a_whole_sort(kind: str, most: int) -> None:
    keys = KEYS[kind]
    numbers = np.random.default_rng(4).permutation(500)

    def passed() -> Iterator[RowKeys]:
        for part in np.split(np.arange(500), (100, 450)):
            yield RowKeys(keys[part], numbers[part], numbers[part])

    expected = sorted(zip(keys.tolist(), numbers.tolist(), strict=True))
    for bounds in ((0, 2**64 - 1), (expected[0][0], expected[-1][0])):
        found = [nth(passed, place, most, bounds) for place in (0, 1, 250, 499)]
        assert found == [expected[place] for place in (0, 1, 250, 499)]
