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
from halftone_compute.render.ranked import cut
from halftone_compute.render.renderer import Renderer
from halftone_views.columns import ColumnInfo, Table
from halftone_views.lattice import Address, Viewport
from halftone_views.registry import validate_options
from halftone_wire import Piece, Plane, decode_piece, finish

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
REDUCTIONS = ("count", "sum", "mean", "min", "max", "std", "var", "first", "last")


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
    assert receipt.rows_scanned == ROWS
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


def test_places_before_the_first_step_are_empty() -> None:
    planes = [Plane(frame_pb2.PLANE_ROLE_COUNT, np.ones((1, 4), np.uint64))]
    cells, steps = cut(Address(0, -1, 0, 0), planes, np.arange(4))
    assert steps == []
    assert cells[0].cells.tolist() == [[0] * 256]
    cells, steps = cut(Viewport(1.0, 3.0, 0.0, 1.0, 2, 1, exact=True), planes, np.arange(4))
    assert (steps, cells[0].cells.tolist()) == ([1, 2], [[1, 1]])
