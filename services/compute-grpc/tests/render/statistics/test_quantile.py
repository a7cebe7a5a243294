"""Quantiles by counting: whatever the spread of values, each is NumPy's."""

from collections.abc import Iterator

import numpy as np
import pytest
from halftone_compute.render.statistics import quantile
from halftone_compute.render.statistics.quantile import quantiles
from halftone_compute.render.statistics.values import CellValues, ValuesOf, keys_of
from typing_extensions import override


class Given(ValuesOf):
    """Values that are given, in blocks."""

    def __init__(self, cells: np.ndarray, values: np.ndarray, count: int) -> None:
        self.cells, self.dtype = count, values.dtype
        self._found = CellValues(cells, keys_of(values))

    @override
    def __iter__(self) -> Iterator[CellValues]:
        for part in range(3):
            yield CellValues(self._found.cells[part::3], self._found.keys[part::3])


@pytest.mark.parametrize("kept", [0, quantile.KEPT_KEYS])
@pytest.mark.parametrize("share", [0.01, 0.05, 0.5, 0.95, 0.99])
@pytest.mark.parametrize("spread", ["close", "equal", "wide"])
def test_each_cell_has_the_quantile_of_numpy(
    share: float, spread: str, kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quantile, "KEPT_KEYS", kept)
    rng = np.random.default_rng(3)
    cells = rng.integers(0, 7, 5000)
    values = {
        "close": rng.integers(-60, 1500, 5000).astype("i2"),
        "equal": np.full(5000, 2.5),
        "wide": rng.normal(size=5000) * 10.0 ** rng.uniform(-300, 300, 5000),
    }[spread]
    found = quantiles(Given(cells, values, 9), share)
    expected = [np.quantile(values[cells == cell], share, method="inverted_cdf") for cell in range(7)]
    # Cells without a value have none.
    np.testing.assert_array_equal(found, [*expected, 0.0, 0.0])


def test_without_any_value_there_is_no_pass_more() -> None:
    assert quantiles(Given(np.array([], np.int64), np.array([]), 2), 0.5).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("count", [20, 100, 1000])
def test_a_share_of_a_whole_number_of_values_is_that_one(count: int) -> None:
    values = np.arange(1.0, count + 1)
    for percent in (5, 25, 50, 75, 90, 95, 99):
        found = quantiles(Given(np.zeros(count, np.int64), values, 1), percent / 100)
        assert found.tolist() == [-(-percent * count // 100)]
