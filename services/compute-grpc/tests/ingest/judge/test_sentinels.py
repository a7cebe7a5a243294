"""Numbers that often stand for a missing value."""

import numpy as np
import pytest
from halftone_compute.ingest.judge.sentinels import apart


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([-9999, 1, 2, 3], -9999.0),
        ([1e20, 1, 2, 3], 1e20),
        ([-9999, -9998, -9997], None),
        ([-9999, 5], None),
        ([-9999, np.inf, np.nan], None),
        ([9999, 0, 5.99e307], None),
        ([9999, -1.7e308, 1.7e308], None),
        ([1e20, -1.7e308, -1.6e308], 1e20),
        ([], None),
    ],
)
def test_a_lone_value_is_found(values: list[float], found: float | None) -> None:
    assert apart([np.array(values)] if values else []) == found
