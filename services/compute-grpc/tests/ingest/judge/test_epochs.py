"""Numbers that are meant as times."""

import pyarrow as pa
import pytest
from halftone_compute.ingest.judge.epochs import epoch_times, is_epoch, suggested_epoch


@pytest.mark.parametrize(
    ("low", "high", "format"),
    [
        (1.6e9, 1.7e9, "epoch_s"),
        (1.6e12, 1.7e12, "epoch_ms"),
        (1.6e15, 1.7e15, "epoch_us"),
        (1.6e18, 1.7e18, "epoch_ns"),
        (20_000_101, 20_250_210, "%Y%m%d"),
        (0, 1.7e9, None),
        (1.6e9, 1.7e12, None),
    ],
)
def test_a_range_suggests(low: float, high: float, format: str | None) -> None:
    assert suggested_epoch(low, high) == format


def test_times_are_rounded_down() -> None:
    assert epoch_times(pa.array([-1, 1_999, None]), "epoch_ns").cast(pa.int64()).to_pylist() == [-1, 1, None]
    assert epoch_times(pa.array([1.5, None, 1e300]), "epoch_s").cast(pa.int64()).to_pylist() == [1_500_000, None, None]
    assert epoch_times(pa.array([2**62, 7]), "epoch_s").cast(pa.int64()).to_pylist() == [None, 7_000_000]
    assert is_epoch("epoch_s")
    assert not is_epoch("iso")
