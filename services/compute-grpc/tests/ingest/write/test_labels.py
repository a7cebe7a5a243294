"""Integer labels: counted while they are few."""

from __future__ import annotations

import numpy as np
import pytest
from halftone_compute.ingest.write.labels import MOST, IntegerLabels


def test_rows_of_each_value_in_the_order_of_values() -> None:
    labels = IntegerLabels()
    labels.add(np.array([10, -2, 10], np.int64))
    labels.add(np.array([2**63 - 1, -2], np.int64))
    assert labels.labels(0) == (("-2", 2), ("10", 2), (str(2**63 - 1), 1))
    assert labels.labels(4)[-1] == (None, 4)


@pytest.mark.parametrize("late", [0, 100_000])
def test_more_values_than_a_category_may_have(late: int) -> None:
    labels = IntegerLabels()
    labels.add(np.concatenate([np.zeros(late, np.int32), np.arange(MOST, dtype=np.int32)]))
    assert len(labels.labels(0)) == MOST
    labels.add(np.array([MOST], np.int32))
    assert labels.labels(0) == ()
    labels.add(np.array([1], np.int32))
    assert labels.labels(1) == ()


def test_many_values_at_once_and_none_at_all() -> None:
    labels = IntegerLabels()
    assert labels.labels(3) == ()
    labels.add(np.arange(100_000))
    assert labels.labels(0) == ()
