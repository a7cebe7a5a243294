"""Datashader's private `extend`, block by block, against one public `Canvas.points` call."""

import datashader as ds
import numpy as np
import pandas as pd
import pytest
from halftone.v1 import compute_pb2
from halftone_compute.backends.cpu import datashade

RANGES = (-1.5, 2.25), (-2.0, 1.1)


@pytest.fixture
def rows() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(11)
    values = rng.normal(size=3000)
    values[::9] = np.nan
    x = rng.normal(size=3000)
    # On the upper edge, which is closed.
    x[:5] = RANGES[0][1]
    return {"x": x, "y": rng.normal(size=3000), "v": values, "c": rng.integers(0, 16, 3000).astype(np.int8)}


@pytest.mark.parametrize(
    ("gathered", "reduction"),
    [
        (compute_pb2.ACCUMULATOR_MOMENTS, ds.var("v")),
        (compute_pb2.ACCUMULATOR_ADD, ds.sum("v")),
        (compute_pb2.ACCUMULATOR_MIN, ds.min("v")),
        (compute_pb2.ACCUMULATOR_MAX, ds.max("v")),
    ],
    ids=["squares", "sum", "min", "max"],
)
def test_blocks_of_values_are_bit_equal_to_one_call(
    rows: dict[str, np.ndarray], gathered: datashade.Gathered, reduction: ds.reductions.Reduction
) -> None:
    del rows["c"]
    expected = ds.Canvas(31, 17, *RANGES).points(pd.DataFrame(rows), "x", "y", reduction)
    found = added(gathered, rows)
    np.testing.assert_array_equal(found["value"], expected.data)


def test_blocks_of_counts_and_categories_equal_one_call(rows: dict[str, np.ndarray]) -> None:
    frame = datashade.frame(rows)
    canvas = ds.Canvas(31, 17, *RANGES)
    by = added(datashade.BY_CATEGORY, {name: rows[name] for name in "xyc"})
    np.testing.assert_array_equal(by["codes"], canvas.points(frame, "x", "y", ds.by("c")).data)
    count = added(compute_pb2.ACCUMULATOR_COUNT, {name: rows[name] for name in "xy"})
    np.testing.assert_array_equal(count["rows"], canvas.points(frame, "x", "y", ds.count()).data)


def test_an_accumulator_without_a_reduction_is_refused() -> None:
    with pytest.raises(ValueError, match="no reduction"):
        datashade.engine(compute_pb2.ACCUMULATOR_UNSPECIFIED)


def added(gathered: datashade.Gathered, rows: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    canvas = datashade.Canvas(gathered, 31, 17, *RANGES)
    for start in range(0, 3000, 700):
        canvas.add(datashade.frame({name: values[start : start + 700] for name, values in rows.items()}))
    return canvas.planes()
