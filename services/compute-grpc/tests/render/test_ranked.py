"""Bars in the order of their numbers: permuted, and those behind the first put together, equal to pandas."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import numpy as np
import pandas as pd
import pytest
from compute_rig.memory import MemoryVersion
from compute_rig.rows import GRANT
from halftone.v1 import frame_pb2
from halftone_compute.backends.base import Cancel
from halftone_compute.backends.cpu.engine import CpuEngine
from halftone_compute.backends.engines import Engines
from halftone_compute.render.job import RenderJob
from halftone_compute.render.renderer import Renderer
from halftone_views.columns import ColumnInfo, Table
from halftone_views.lattice import Address, Viewport
from halftone_views.registry import validate_options
from halftone_wire import Piece, decode_piece, finish

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from halftone_compute.render.job import Place

RNG = np.random.default_rng(11)
ROWS, STEPS = 4000, 299
COLUMNS: dict[str, np.ndarray] = {
    # The rows of the last category have no value, and some categories have no rows.
    "c": np.where(RNG.random(ROWS) < 0.9, RNG.geometric(0.02, ROWS).clip(1, STEPS - 1), STEPS).astype(np.int32) - 1,
    "k": RNG.integers(0, 3, ROWS).astype(np.int32),
    "v": RNG.normal(10, 30, ROWS),
}
COLUMNS["v"][COLUMNS["c"] == STEPS - 1] = np.nan
FRAME = pd.DataFrame(COLUMNS)
TABLE = Table.of(
    "v",
    ROWS,
    [
        ColumnInfo("c", "category", distinct=STEPS),
        ColumnInfo("k", "category", distinct=3),
        ColumnInfo("v", "number", "double", -200, 200, typical_min=-90, typical_max=90),
    ],
)
REDUCTIONS = ("count", "sum", "mean", "min", "max", "std", "var", "first", "last", "distinct", "p90")


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    made = Renderer(Engines(CpuEngine()), 1 << 30)
    yield made
    made.close()


def drawn(renderer: Renderer, options: Mapping[str, object], *places: Place) -> tuple[list[Piece], frame_pb2.Quantity]:
    view = validate_options("bars", {"x": "c", "value": "v", **options})
    version = MemoryVersion(str(uuid4()), COLUMNS, {"c": "category", "k": "category"})
    keyed = {index.to_bytes(16, "big"): place for index, place in enumerate(places)}
    found: list[Piece] = []
    job = RenderJob(GRANT, version, view.plan(TABLE), keyed)
    receipt = renderer.render(job, Cancel(), lambda piece: found.append(decode_piece(piece.piece)))
    # Those of statistics are read a few times.
    assert receipt.rows_scanned % ROWS == 0
    return found, view.quantity(TABLE)


def whole(cells: int) -> Viewport:
    return Viewport(0.0, float(cells), 0.0, 1.0, cells, 1, exact=True)


def of_pandas(reduction: str, rows: pd.DataFrame) -> float:
    values = rows["v"].dropna()
    if reduction == "count":
        return float(len(rows))
    if len(values) == 0:
        return float("nan")
    if reduction in ("first", "last"):
        return float(values.iloc[0 if reduction == "first" else -1])
    if reduction == "distinct":
        return float(values.nunique())
    if reduction == "p90":
        return float(np.quantile(values, 0.9, method="inverted_cdf"))
    number = getattr(values, reduction)
    return float(number(ddof=0) if reduction in ("std", "var") else number())


@pytest.mark.parametrize("order", ["greatest", "least"])
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_the_first_ten_and_all_others_are_those_of_pandas(renderer: Renderer, reduction: str, order: str) -> None:
    options = {"reduction": reduction, "order": order, "top": 10}
    (piece,), quantity = drawn(renderer, options, whole(11))
    numbers = finish(quantity, piece.planes)[0].astype(np.float64)
    by_step = pd.Series([of_pandas(reduction, FRAME[FRAME["c"] == step]) for step in range(STEPS)])
    first = list(piece.steps[:10])
    best = by_step.sort_values(ascending=order == "least", kind="stable")
    np.testing.assert_allclose(numbers[:10], best.iloc[:10], rtol=1e-9)
    np.testing.assert_allclose(numbers[:10], by_step[first], rtol=1e-9)
    assert (len(set(first)), piece.steps[10]) == (10, STEPS)
    others = of_pandas(reduction, FRAME[~FRAME["c"].isin(first)])
    np.testing.assert_allclose(numbers[10], others, rtol=1e-9)


@pytest.mark.parametrize("reduction", ["count", "mean", "mode"])
def test_by_category_all_rows_of_a_step_decide(renderer: Renderer, reduction: str) -> None:
    options = {"reduction": reduction, "order": "greatest", "top": 5, "category": "k"}
    (piece,), _ = drawn(renderer, options, whole(6))
    rows = [piece.cells(frame_pb2.PLANE_ROLE_CATEGORY, code)[0] for code in range(3)]
    first = list(piece.steps[:5])
    groups = FRAME.groupby("c")
    decides = groups["v"].mean() if reduction == "mean" else groups.size()
    assert decides[first].tolist() == sorted(decides.dropna(), reverse=True)[:5]
    for code in range(3):
        own = FRAME[FRAME["k"] == code]
        expected = [(own["c"] == step).sum() for step in first]
        assert rows[code].tolist() == [*expected, (~own["c"].isin(first)).sum()]


def test_tiles_are_parts_of_one_order(renderer: Renderer) -> None:
    options = {"order": "greatest", "reduction": "max"}
    low, high, behind = drawn(renderer, options, *(Address(0, ix, 0, 0) for ix in range(3)))[0]
    (all_,) = drawn(renderer, options, whole(STEPS))[0]
    assert (*low.steps, *high.steps) == all_.steps
    assert sorted(all_.steps) == list(range(STEPS))
    greatest = frame_pb2.PLANE_ROLE_MAX
    both = np.concatenate((low.cells(greatest), high.cells(greatest)), axis=1)
    np.testing.assert_array_equal(both[:, :STEPS], all_.cells(greatest))
    assert behind.steps == ()
    assert not behind.cells(greatest).any()
    # Steps without a value stand behind all others.
    assert all_.steps[-1] == STEPS - 1


def test_a_given_order_puts_the_others_behind(renderer: Renderer) -> None:
    plan = validate_options("bars", {"x": "c"}).plan(TABLE)
    plan.rank.steps.extend([7, 3, 7, 9999])
    version = MemoryVersion(str(uuid4()), COLUMNS, {"c": "category"})
    found: list[Piece] = []
    job = RenderJob(GRANT, version, plan, {b"1": whole(STEPS)})
    renderer.render(job, Cancel(), lambda piece: found.append(decode_piece(piece.piece)))
    assert found[0].steps[:5] == (7, 3, 0, 1, 2)
    assert len(found[0].steps) == STEPS


def heat(renderer: Renderer, options: Mapping[str, object], *places: Place) -> tuple[list[Piece], frame_pb2.Quantity]:
    """Pieces of a heat map of c, k and the numbers v."""
    view = validate_options("heatmap", options)
    version = MemoryVersion(str(uuid4()), COLUMNS, {"c": "category", "k": "category"})
    keyed = {index.to_bytes(16, "big"): place for index, place in enumerate(places)}
    found: list[Piece] = []
    job = RenderJob(GRANT, version, view.plan(TABLE), keyed)
    renderer.render(job, Cancel(), lambda piece: found.append(decode_piece(piece.piece)))
    return found, view.quantity(TABLE)


@pytest.mark.parametrize("order", ["greatest", "least", "steps"])
@pytest.mark.parametrize("reduction", ["count", "mean", "std", "last"])
def test_both_axes_of_a_heat_map_stand_in_the_order_of_all_their_rows(
    renderer: Renderer, reduction: str, order: str
) -> None:
    options = {"x": "c", "y": "k", "value": "v", "reduction": reduction, "order": order, "top": 1}
    view = Viewport(0.0, 2.0, 0.0, 2.0, 2, 2, exact=True)
    (piece,), quantity = heat(renderer, options, view)
    assert (len(piece.steps), piece.steps[1]) == (2, STEPS)
    assert (len(piece.steps_y), piece.steps_y[1]) == (2, 3)
    for axis, steps, count in (("c", piece.steps, STEPS), ("k", piece.steps_y, 3)):
        if order == "steps":
            assert steps[0] == 0
        else:
            numbers = pd.Series([of_pandas(reduction, FRAME[FRAME[axis] == step]) for step in range(count)])
            best = numbers.sort_values(ascending=order == "least").iloc[:1]
            np.testing.assert_allclose(numbers[[steps[0]]], best, rtol=1e-9)
    found = finish(quantity, piece.planes).astype(np.float64)
    for row, y in enumerate(_chosen("k", piece.steps_y[:1])):
        for column, x in enumerate(_chosen("c", piece.steps[:1])):
            np.testing.assert_allclose(found[row, column], of_pandas(reduction, FRAME[x & y]), rtol=1e-9)


def _chosen(axis: str, first: tuple[int, ...]) -> list[pd.Series]:
    """Which rows each of the first steps has, and which all others have."""
    return [*(FRAME[axis] == step for step in first), ~FRAME[axis].isin(first)]


@pytest.mark.parametrize(("x", "y"), [("c", "v"), ("v", "c")])
def test_tiles_of_a_heat_map_with_one_ranked_axis_are_parts_of_one_order(renderer: Renderer, x: str, y: str) -> None:
    options = {"x": x, "y": y, "order": "greatest"}
    steps, other = (0, range(3)), (-3, (-1, 0))
    at = [(ix, iy) for ix in other[1] for iy in steps[1]] if x == "v" else [(i, j) for i in steps[1] for j in other[1]]
    ex, ey = (other[0], 0) if x == "v" else (0, other[0])
    pieces, _ = heat(renderer, options, *(Address(ex, ix, ey, iy) for ix, iy in at))
    counts = FRAME["c"].value_counts()
    for (ix, iy), piece in zip(at, pieces, strict=True):
        own, tile, edge = (piece.steps_y, iy, ix) if x == "v" else (piece.steps, ix, iy)
        assert (piece.steps if x == "v" else piece.steps_y) == ()
        assert len(own) == min(max(STEPS - tile * 256, 0), 256)
        ranked = [counts.get(step, 0) for step in own]
        assert ranked == sorted(ranked, reverse=True)
        grid = piece.cells(frame_pb2.PLANE_ROLE_COUNT)
        grid = grid if x == "v" else grid.T
        cell = np.floor(FRAME["v"] * 8) - edge * 256
        for place, step in enumerate(own):
            held = cell[(FRAME["c"] == step) & (cell >= 0) & (cell < 256)].astype(int)
            assert grid[place].tolist() == np.bincount(held, minlength=256).tolist()
        assert not grid[len(own) :].any()


def test_a_free_viewport_of_one_ranked_axis(renderer: Renderer) -> None:
    view = Viewport(-50.0, 50.0, 0.0, 4.0, 10, 4, exact=True)
    (piece,), _ = heat(renderer, {"x": "v", "y": "c", "order": "greatest"}, view)
    assert piece.steps == ()
    turned = Viewport(0.0, 4.0, -50.0, 50.0, 4, 10, exact=True)
    (other,), _ = heat(renderer, {"x": "c", "y": "v", "order": "greatest"}, turned)
    assert (other.steps, other.steps_y) == (piece.steps_y, ())
    counts = frame_pb2.PLANE_ROLE_COUNT
    assert other.cells(counts).tolist() == piece.cells(counts).T.tolist()
    rows = [np.histogram(FRAME["v"][FRAME["c"] == step], 10, (-50.0, 50.0))[0].tolist() for step in piece.steps_y]
    assert piece.cells(frame_pb2.PLANE_ROLE_COUNT).tolist() == rows
    assert list(piece.steps_y) == FRAME["c"].value_counts().index[:4].tolist()


def test_tiles_of_two_ranked_axes_and_their_edges(renderer: Renderer) -> None:
    options = {"x": "c", "y": "k", "order": "greatest"}
    before, inside, behind = heat(renderer, options, *(Address(0, ix, 0, 0) for ix in (-1, 1, 2)))[0]
    assert (before.steps, behind.steps) == ((), ())
    assert not before.cells(frame_pb2.PLANE_ROLE_COUNT).any()
    assert not behind.cells(frame_pb2.PLANE_ROLE_COUNT).any()
    assert len(inside.steps) == STEPS - 256
    assert sorted(inside.steps_y) == [0, 1, 2]
    expected = [[((FRAME["c"] == x) & (FRAME["k"] == y)).sum() for x in inside.steps] for y in inside.steps_y]
    assert inside.cells(frame_pb2.PLANE_ROLE_COUNT)[:3, : len(inside.steps)].tolist() == expected


def test_parts_of_bars_before_and_between_the_steps(renderer: Renderer) -> None:
    options = {"order": "least"}
    before, part = drawn(renderer, options, Address(0, -1, 0, 0), Address(0, 0, 0, 0))[0]
    assert before.steps == ()
    assert not before.cells(frame_pb2.PLANE_ROLE_COUNT).any()
    (two,) = drawn(renderer, options, Viewport(1.0, 3.0, 0.0, 1.0, 2, 1, exact=True))[0]
    assert two.steps == part.steps[1:3]
    assert two.cells(frame_pb2.PLANE_ROLE_COUNT).tolist() == [part.cells(frame_pb2.PLANE_ROLE_COUNT)[0, 1:3].tolist()]
