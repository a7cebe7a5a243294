"""Summaries of regions are those of pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from compute_rig.row_tables import RowTable, row_table
from halftone.v1 import compute_pb2, rows_pb2
from halftone_compute.backends.base import Cancel
from halftone_compute.rows import summary
from halftone_compute.rows.question import rows_question
from halftone_compute.rows.summary import QUANTILES, summary_of

X = compute_pb2.Axis(column="x", transform=compute_pb2.TRANSFORM_LINEAR)
Y = compute_pb2.Axis(column="y", transform=compute_pb2.TRANSFORM_LINEAR)
RANGES: dict[str, list[compute_pb2.RowRange]] = {
    "all": [],
    "a region": [
        compute_pb2.RowRange(axis=X, low=-5, high=5),
        compute_pb2.RowRange(axis=Y, low=-40),
    ],
    "nothing": [compute_pb2.RowRange(axis=Y, low=1e9, high=2e9)],
}


@pytest.fixture(scope="module", params=[True, False], ids=["index", "no index"])
def known(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> RowTable:
    return row_table(tmp_path_factory.mktemp("rows"), 900, 7, with_index=request.param)


def asked(known: RowTable, ranges: list[compute_pb2.RowRange]) -> rows_pb2.RegionSummary:
    request = compute_pb2.RowsRequest(
        limit=1, format=rows_pb2.ROWS_FORMAT_CELLS, ranges=ranges, columns=list("xyfituc")
    )
    return summary_of(rows_question(request, known.version), Cancel())


@pytest.mark.parametrize("where", RANGES)
def test_summaries_are_those_of_pandas(known: RowTable, where: str) -> None:
    rows = known.frame
    for each in RANGES[where]:
        rows = rows[known.mask(each).loc[rows.index]]
    found = asked(known, RANGES[where])
    assert (found.matching, found.quantile_share) == (len(rows), 1.0)
    by_name = {column.name: column for column in found.columns}
    for name in "xyfitu":
        cells = rows[name]
        if name == "t":
            cells = cells.astype("datetime64[us]").astype("int64").astype("float64").where(cells.notna())
        values = cells.astype("float64")
        finite = values[np.isfinite(values.fillna(0)) & values.notna()]
        column = by_name[name]
        assert (column.count, column.missing) == (len(finite), int(values.isna().sum()))
        assert column.infinite == len(rows) - column.count - column.missing
        if len(finite):
            assert (column.min, column.max) == (finite.min(), finite.max())
            assert column.mean == pytest.approx(finite.mean(), rel=1e-12)
            np.testing.assert_allclose(list(column.quantiles), finite.quantile(QUANTILES), rtol=1e-12)
        else:
            assert not column.HasField("mean")
            assert not column.quantiles
    labels = pd.Series([None if pd.isna(cell) else cell for cell in rows["c"]], dtype=object)
    counts = labels.value_counts()
    top = by_name["c"].top
    assert {entry.label: entry.count for entry in top} == counts.to_dict()
    assert [entry.count for entry in top] == sorted(counts, reverse=True)
    assert (by_name["c"].missing, by_name["c"].count) == (int(labels.isna().sum()), int(labels.notna().sum()))


def test_quantiles_of_many_rows_are_of_a_sample_that_says_so(known: RowTable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summary, "KEPT_ROWS", 300)
    found = asked(known, [])
    assert found.quantile_share == pytest.approx(300 / 900)
    (column,) = (column for column in found.columns if column.name == "t")
    low, *_, high = column.quantiles
    whole = known.places(compute_pb2.Axis(column="t", transform=compute_pb2.TRANSFORM_LINEAR)).dropna()
    # A third of the rows: the 5 % and the 95 % quantile are off by a few percent of the range.
    assert abs(low - whole.quantile(0.05)) < 0.05 * (whole.max() - whole.min())
    assert abs(high - whole.quantile(0.95)) < 0.05 * (whole.max() - whole.min())
    assert column.count == len(whole)
