"""Quantiles of a sample are near those of all values, whatever their order, and exact for few."""

from __future__ import annotations

import numpy as np
import pytest
from halftone_compute.ingest.write.sample import Sample
from hypothesis import given
from hypothesis import strategies as st

ROWS = 1_500_000
UNIFORM = np.random.default_rng(5).random(ROWS)
ORDERS = {
    "random": UNIFORM,
    "rising": np.sort(UNIFORM),
    "periodic": (np.arange(ROWS) % 1_024) / 1_024,
    "skewed": np.exp(20 * UNIFORM),
    "integers": np.arange(ROWS)[::-1],
}


def _rank_error(values: np.ndarray, share: float, found: float) -> float:
    """How far `share` lies from the shares of values below `found` and up to it."""
    below, upto = float((values < found).mean()), float((values <= found).mean())
    return max(below - share, share - upto, 0.0)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("batch", [997, 262_144])
def test_ranks_are_within_a_fifth_of_a_percent(order: str, batch: int) -> None:
    values = ORDERS[order]
    sample = Sample(50_000)
    for start in range(0, len(values), batch):
        sample.add(values[start : start + batch])
    for share, error in ((0.005, 0.002), (0.5, 0.01), (0.995, 0.002)):
        found = sample.quantile(share)
        assert found is not None
        assert _rank_error(values, share, found) <= error


@given(st.lists(st.integers(0, 40)), st.integers(1, 8))
def test_batches_make_no_difference(lengths: list[int], kept: int) -> None:
    values = np.random.default_rng(1).random(sum(lengths))
    whole, parts = Sample(kept), Sample(kept)
    whole.add(values)
    for part in np.split(values, np.cumsum(lengths)):
        parts.add(part)
    for share in (0.0, 0.3, 1.0):
        assert whole.quantile(share) == parts.quantile(share)


def test_few_values_are_exact() -> None:
    sample = Sample(100)
    sample.add(np.arange(200, dtype=np.int16))
    assert [sample.quantile(share) for share in (0.0, 0.005, 0.5, 0.995, 1.0)] == [0, 0, 99, 198, 199]
    assert Sample(100).quantile(0.5) is None
