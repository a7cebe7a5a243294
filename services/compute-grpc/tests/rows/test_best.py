"""The first rows in an order, however they come."""

import numpy as np
import pytest
from halftone_compute.rows.best import Best, RowKeys, no_rows


def rows(keys: list[int], numbers: list[int]) -> RowKeys:
    return RowKeys(np.array(keys, np.uint64), np.array(numbers), np.array(numbers) * 10)


@pytest.mark.parametrize("most", [0, 1, 3, 7, 100])
@pytest.mark.parametrize("seed", range(5))
def test_best_keeps_the_first_by_key_then_number(most: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    best = Best(most)
    numbers = rng.permutation(60)
    keys = rng.integers(0, 4, 60)
    for part in np.split(np.arange(60), (1, 30, 31)):
        best.add(rows(keys[part].tolist(), numbers[part].tolist()))
    best.add(no_rows())
    expected = sorted(zip(keys.tolist(), numbers.tolist(), strict=True))[:most]
    found = best.rows()
    assert list(zip(found.keys.tolist(), found.numbers.tolist(), strict=True)) == expected
    assert found.places.tolist() == [number * 10 for _, number in expected]
    assert best.count == 60
