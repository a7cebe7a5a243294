"""What a request for rows may not ask."""

from typing import Any

import numpy as np
import pytest
from compute_rig.memory import MemoryVersion
from halftone.v1 import compute_pb2, rows_pb2
from halftone_compute.rows.question import MOST_RANGES, MOST_ROWS, MOST_SORTED_TEXTS, rows_question
from halftone_servicekit.errors import HalftoneError

LINEAR = compute_pb2.TRANSFORM_LINEAR
CATEGORY = compute_pb2.TRANSFORM_CATEGORY
X = compute_pb2.Axis(column="x", transform=LINEAR)
W = compute_pb2.Axis(column="w", transform=LINEAR)
Y = compute_pb2.Axis(column="y", transform=LINEAR)
C = compute_pb2.Axis(column="c", transform=CATEGORY)
NEAREST: dict[str, Any] = {"x_axis": X, "y_axis": Y, "x_pixel": 1.0, "y_pixel": 1.0, "reach": 64.0}


def version() -> MemoryVersion:
    values: dict[str, np.ndarray] = {"x": np.zeros(2), "y": np.zeros(2), "c": np.zeros(2, np.int32), "s": np.zeros(2)}
    return MemoryVersion("v", values, {"c": "category", "s": "text"})


def request(**fields: Any) -> compute_pb2.RowsRequest:  # noqa: ANN401 - passed on as they are
    return compute_pb2.RowsRequest(**{"limit": 1, "format": rows_pb2.ROWS_FORMAT_CELLS, **fields})


def within(**fields: Any) -> list[compute_pb2.RowRange]:  # noqa: ANN401 - passed on as they are
    return [compute_pb2.RowRange(**fields)]


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"format": 0}, "param_invalid", "format"),
        ({"limit": 0}, "param_out_of_range", "limit"),
        ({"limit": MOST_ROWS + 1}, "param_out_of_range", "limit"),
        ({"offset": 2**53 + 1}, "param_out_of_range", "offset"),
        ({"columns": ["x", "w"]}, "unknown_column", "columns"),
        ({"ranges": within(axis=X) * (MOST_RANGES + 1)}, "param_out_of_range", "ranges"),
        (
            {"ranges": within(axis=W)},
            "unknown_column",
            "ranges[0].axis.column",
        ),
        ({"ranges": within(axis=compute_pb2.Axis(column="x"))}, "param_invalid", "ranges[0].axis.transform"),
        (
            {"ranges": within(axis=compute_pb2.Axis(column="x", transform=CATEGORY))},
            "unsupported_type",
            "ranges[0].axis.transform",
        ),
        ({"ranges": within(axis=X, low=1.0, high=1.0)}, "param_invalid", "ranges[0]"),
        ({"ranges": within(axis=X, low=float("nan"))}, "param_invalid", "ranges[0]"),
        ({"ranges": within(axis=X, steps=[1])}, "param_invalid", "ranges[0]"),
        ({"ranges": within(axis=C, steps=[1], low=1.0)}, "param_invalid", "ranges[0]"),
        ({"ranges": within(axis=C, steps=[0] * 4097)}, "param_out_of_range", "ranges[0].steps"),
        ({"sort": rows_pb2.RowSort(column="w")}, "unknown_column", "sort.column"),
        ({"sort": rows_pb2.RowSort(column="s"), "offset": MOST_SORTED_TEXTS}, "param_out_of_range", "offset"),
        (
            {"sort": rows_pb2.RowSort(column="x"), "nearest": compute_pb2.NearestRows(**NEAREST)},
            "param_invalid",
            "sort",
        ),
        ({"nearest": compute_pb2.NearestRows(**{**NEAREST, "x": float("inf")})}, "param_invalid", "nearest.x"),
        ({"nearest": compute_pb2.NearestRows(**{**NEAREST, "y_pixel": 0})}, "param_out_of_range", "nearest.y_pixel"),
        ({"nearest": compute_pb2.NearestRows(**{**NEAREST, "reach": 65})}, "param_out_of_range", "nearest.reach"),
    ],
)
def test_what_is_refused(fields: dict[str, Any], code: str, field: str) -> None:
    with pytest.raises(HalftoneError) as caught:
        rows_question(request(**fields), version())
    assert (caught.value.code, caught.value.field) == (code, field)


def test_at_the_limits() -> None:
    asked = rows_question(
        request(
            limit=MOST_ROWS,
            offset=2**53,
            columns=["s", "x", "s"],
            nearest=compute_pb2.NearestRows(**NEAREST),
            ranges=within(axis=C, others=True),
        ),
        version(),
    )
    assert (asked.columns, asked.is_whole) == (("s", "x"), False)
    everything = rows_question(request(), version())
    assert (everything.columns, everything.is_whole) == (("x", "y", "c", "s"), True)
