"""Different values: exact, and estimated within three standard errors."""

from collections.abc import Iterator

import numpy as np
import pytest
from halftone_compute.render.statistics.distinct import estimated, exact
from halftone_compute.render.statistics.values import CellValues, ValuesOf, keys_of
from typing_extensions import override


class Given(ValuesOf):
    """Values that are given, in blocks."""

    def __init__(self, cells: np.ndarray, values: np.ndarray) -> None:
        self.cells = int(cells.max()) + 1
        self._found = CellValues(cells, keys_of(values))

    @override
    def __iter__(self) -> Iterator[CellValues]:
        for part in range(3):
            yield CellValues(self._found.cells[part::3], self._found.keys[part::3])


@pytest.mark.parametrize("counts", [[0, 1, 2, 50], [3000, 9000, 20_000], [200_000, 1000, 700_000]])
def test_estimates_are_near_at_every_size(counts: list[int]) -> None:
    rng = np.random.default_rng(1)
    cells = np.repeat(np.arange(len(counts)), np.maximum(counts, 1) * 2)
    values = np.concatenate([np.tile(rng.random(max(count, 1)), 2) for count in counts])
    keep = np.repeat(np.array(counts) > 0, np.maximum(counts, 1) * 2)
    given = Given(cells[keep], values[keep])
    np.testing.assert_allclose(estimated(given), counts, rtol=0.048)
    if max(counts) < 1e5:
        np.testing.assert_array_equal(exact(given), counts)
