"""Pages of rows are those of pandas: random tables, regions, transforms and orders."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
import pandas as pd
import pytest
from compute_rig.indexed import write_indexed
from compute_rig.row_tables import RowTable, row_table
from compute_rig.stored import write
from halftone.v1 import compute_pb2, rows_pb2
from halftone_compute.backends.base import Cancel
from halftone_compute.rows import pages
from halftone_compute.rows.pages import Page, page_of
from halftone_compute.rows.question import rows_question
from halftone_compute.store.versions import LocalStore
from halftone_servicekit.errors import ErrorCode, HalftoneError
from hypothesis import given, settings
from hypothesis import strategies as st

TRANSFORMS = {
    "x": (compute_pb2.TRANSFORM_LINEAR, compute_pb2.TRANSFORM_LOG10),
    "y": (compute_pb2.TRANSFORM_LINEAR, compute_pb2.TRANSFORM_MERCATOR, compute_pb2.TRANSFORM_LOG10),
    "f": (compute_pb2.TRANSFORM_LINEAR,),
    "t": (
        compute_pb2.TRANSFORM_LINEAR,
        compute_pb2.TRANSFORM_HOUR,
        compute_pb2.TRANSFORM_WEEKDAY,
        compute_pb2.TRANSFORM_MONTH,
    ),
    "c": (compute_pb2.TRANSFORM_CATEGORY,),
    "b": (compute_pb2.TRANSFORM_CATEGORY,),
}
STEPS = (
    compute_pb2.TRANSFORM_CATEGORY,
    compute_pb2.TRANSFORM_HOUR,
    compute_pb2.TRANSFORM_WEEKDAY,
    compute_pb2.TRANSFORM_MONTH,
)
TABLES = ((1, True), (2, False), (60, True), (700, True), (700, False))


@cache
def table(place: int) -> RowTable:
    rows, with_index = TABLES[place]
    return row_table(Path(mkdtemp()), rows, place, with_index=with_index)


def asked(**fields: Any) -> compute_pb2.RowsRequest:  # noqa: ANN401 - passed on as they are
    return compute_pb2.RowsRequest(**{"limit": 50, "format": rows_pb2.ROWS_FORMAT_ARROW, **fields})


def page(known: RowTable, **fields: Any) -> Page:  # noqa: ANN401 - passed on as they are
    return page_of(rows_question(asked(**fields), known.version), Cancel())


@st.composite
def ranges(draw: st.DrawFn, known: RowTable) -> compute_pb2.RowRange:
    column = draw(st.sampled_from(sorted(TRANSFORMS)))
    axis = compute_pb2.Axis(column=column, transform=draw(st.sampled_from(TRANSFORMS[column])))
    if axis.transform in STEPS and draw(st.booleans()):
        steps = draw(st.lists(st.integers(0, 12), max_size=3))
        return compute_pb2.RowRange(axis=axis, steps=steps, others=draw(st.booleans()))
    info = known.version.columns[column]
    if axis.transform not in STEPS and max(abs(info.min or 0.0), abs(info.max or 0.0)) < 2.0**49:
        axis.width = draw(st.sampled_from((0.0, 0.0, 0.3, 7.0)))
    # The very places of rows, so that ends are held to.
    at = sorted({*known.places(axis).dropna().tolist(), 0.0, 3.0})
    low, high = sorted(draw(st.lists(st.sampled_from(at), min_size=2, max_size=2, unique=True)))
    bounds = {"low": low, "high": high}
    kept = draw(st.sets(st.sampled_from(("low", "high"))))
    return compute_pb2.RowRange(axis=axis, **{side: bounds[side] for side in kept})


@st.composite
def questions(draw: st.DrawFn) -> tuple[RowTable, dict[str, Any]]:
    known = table(draw(st.integers(0, len(TABLES) - 1)))
    fields: dict[str, Any] = {"ranges": draw(st.lists(ranges(known), max_size=3))}
    if draw(st.booleans()):
        fields["sort"] = rows_pb2.RowSort(column=draw(st.sampled_from("xyfiutcbs")), descending=draw(st.booleans()))
    fields["offset"] = draw(st.sampled_from((0, 0, 1, 7, 300, 690, 800)))
    fields["limit"] = draw(st.sampled_from((1, 5, 50, 1000)))
    return known, fields


@pytest.mark.parametrize("kept", [pages.KEPT_ROWS, 4], ids=["near", "far down"])
@settings(max_examples=80, deadline=None)
@given(question=questions())
def test_pages_are_those_of_pandas(kept: int, question: tuple[RowTable, dict[str, Any]]) -> None:
    known, fields = question
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "KEPT_ROWS", kept)
        patch.setattr(pages, "PART_ROWS", 64)
        found = page(known, **fields)
    rows = known.frame
    for each in fields["ranges"]:
        rows = rows[known.mask(each).loc[rows.index]]
    expected = known.sorted(rows, fields.get("sort")).iloc[fields["offset"] : fields["offset"] + fields["limit"]]
    assert found.matching == len(rows)
    assert found.numbers.tolist() == expected.index.tolist()
    for name, cells in found.cells.items():
        assert_cells(cells.values, cells.valid, expected[name])


def assert_cells(values: np.ndarray, valid: np.ndarray, expected: pd.Series) -> None:
    assert valid.tolist() == expected.notna().tolist()
    for value, cell in zip(values[valid], expected[expected.notna()], strict=True):
        if isinstance(cell, pd.Timestamp):
            assert pd.Timestamp(value, unit="us") == cell
        elif isinstance(cell, bool):
            assert value == str(cell).lower()
        else:
            assert value == cell


@settings(max_examples=40, deadline=None)
@given(
    place=st.sampled_from((2, 3, 4)),
    x=st.floats(-20, 20),
    y=st.floats(-90, 90),
    reach=st.sampled_from((1.0, 8.0, 64.0)),
)
def test_nearest_rows_are_those_of_pandas(place: int, x: float, y: float, reach: float) -> None:
    known = table(place)
    linear = {side: compute_pb2.Axis(column=side, transform=compute_pb2.TRANSFORM_LINEAR) for side in "xy"}
    nearest = compute_pb2.NearestRows(
        x_axis=linear["x"], y_axis=linear["y"], x=x, y=y, x_pixel=0.25, y_pixel=2.0, reach=reach
    )
    found = page(known, nearest=nearest, columns=["x"])
    x_away, y_away = (known.places(linear["x"]) - x) / 0.25, (known.places(linear["y"]) - y) / 2.0
    away = pd.Series(np.hypot(x_away.to_numpy(), y_away.to_numpy()))
    expected = away[away <= reach].sort_values(kind="stable")
    assert found.matching == len(expected)
    assert found.numbers.tolist() == expected.index[:50].tolist()


def clustered(root: Path, *, ordered: bool) -> RowTable:
    rng = np.random.default_rng(3)
    columns = {"x": rng.random(300_000) * 1000, "y": rng.random(300_000) * 1000, "v": rng.random(300_000)}
    made = write_indexed(root, columns) if ordered else write(root, columns)
    return RowTable(LocalStore(root).open(made.grant("x", "y", "v")), pd.DataFrame(columns))


def cell(x: float, y: float, side: float) -> list[compute_pb2.RowRange]:
    return [
        compute_pb2.RowRange(
            axis=compute_pb2.Axis(column=name, transform=compute_pb2.TRANSFORM_LINEAR), low=low, high=low + side
        )
        for name, low in (("x", x), ("y", y))
    ]


def test_a_cell_of_the_indexed_pair_reads_its_leaves_alone(tmp_path: Path) -> None:
    known = clustered(tmp_path, ordered=True)
    found = page(known, ranges=cell(10, 10, 5))
    inside = known.frame[known.frame.x.between(10, 15, "left") & known.frame.y.between(10, 15, "left")]
    assert found.matching == len(inside) > 0
    assert found.numbers.tolist() == inside.index.tolist()[:50]
    assert 0 < found.rows_read <= 2 * 65_536 < len(known.frame)
    nothing = page(known, ranges=cell(2000, 10, 5))
    assert (nothing.matching, nothing.rows_read) == (0, 0)


def test_all_rows_in_the_order_of_the_file_are_not_searched(tmp_path: Path) -> None:
    known = clustered(tmp_path, ordered=False)
    found = page(known, offset=250_000, limit=3)
    assert (found.numbers.tolist(), found.rows_read, found.matching) == ([250_000, 250_001, 250_002], 3, 300_000)


def test_a_page_far_down_many_equal_values(tmp_path: Path) -> None:
    columns = {"x": np.repeat([2.0, 1.0], 100_000), "y": np.zeros(200_000)}
    made = write(tmp_path, columns)
    known = RowTable(LocalStore(tmp_path).open(made.grant("x", "y")), pd.DataFrame(columns))
    found = page(known, sort=rows_pb2.RowSort(column="x"), offset=90_000, limit=3)
    assert found.numbers.tolist() == [190_000, 190_001, 190_002]


def test_a_cancel_ends_the_search(tmp_path: Path) -> None:
    known = clustered(tmp_path, ordered=True)
    cancel = Cancel()
    cancel.set()
    with pytest.raises(HalftoneError) as caught:
        page_of(rows_question(asked(sort=rows_pb2.RowSort(column="v")), known.version), cancel)
    assert caught.value.code is ErrorCode.CANCELLED


@pytest.mark.parametrize("sort", [None, rows_pb2.RowSort(column="x")])
def test_no_rows(tmp_path: Path, sort: rows_pb2.RowSort | None) -> None:
    columns = {"x": np.empty(0), "y": np.empty(0)}
    made = write(tmp_path, columns)
    known = RowTable(LocalStore(tmp_path).open(made.grant("x", "y")), pd.DataFrame(columns))
    found = page(known, sort=sort)
    assert (found.matching, found.numbers.tolist(), len(found.cells["x"].values)) == (0, [], 0)
