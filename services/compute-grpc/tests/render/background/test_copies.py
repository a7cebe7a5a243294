"""Pictures of any axes cost little after the first ones: a copy in the order of the axes is made in the background."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
from compute_rig.rows import plan_of
from compute_rig.tiled import CATEGORIES, DEADLINE_S, Drawing, assert_same, few_rows
from halftone.v1 import compute_pb2, frame_pb2
from halftone_compute.render.background import copies
from halftone_views.lattice import Address, Viewport

if TYPE_CHECKING:
    from pathlib import Path

LINEAR, LOG10 = compute_pb2.TRANSFORM_LINEAR, compute_pb2.TRANSFORM_LOG10
CATEGORY, HOUR = compute_pb2.TRANSFORM_CATEGORY, compute_pb2.TRANSFORM_HOUR
RNG = np.random.default_rng(6)
ROWS = 4000
VALID = RNG.random(ROWS) < 0.9
COLUMNS = {
    "x": RNG.normal(size=ROWS),
    "y": RNG.normal(size=ROWS),
    # A column of whole numbers with gaps, one of numbers over many decades, some of them without a logarithm.
    "v": np.where(VALID, RNG.integers(-5, 1000, ROWS), 0),
    "w": np.exp(RNG.normal(size=ROWS) * 5) - 0.01,
    "c": RNG.geometric(0.2, ROWS).clip(1, CATEGORIES).astype(np.int32) - 1,
    "t": RNG.integers(-(10**15), 10**15, ROWS),
}
# Axes that are not those of the index.
AXES = {
    "another pair": ((LINEAR, "v"), (LINEAR, "w")),
    "the pair swapped": ((LINEAR, "y"), (LINEAR, "x")),
    "a logarithm": ((LINEAR, "x"), (LOG10, "w")),
    "bins": ((LINEAR, "v"), None),
    "bins of a logarithm": ((LOG10, "w"), None),
    "categories": ((CATEGORY, "c"), None),
    "categories by bins": ((CATEGORY, "c"), (LINEAR, "w")),
    "hours by categories": ((HOUR, "t"), (CATEGORY, "c")),
}


def plan(axes: str, reduction: str, category: str = "") -> compute_pb2.Plan:
    made = plan_of(reduction, category=category, planes=5, other=bool(category))
    x, y = AXES[axes]
    made.x.transform, made.x.column = x
    if y is None:
        made.glyph = compute_pb2.GLYPH_BINS
        made.ClearField("y")
    else:
        made.y.transform, made.y.column = y
    return made


def places(axes: str) -> list[Address]:
    """Tiles of many levels around the middle of the rows, on each axis."""
    found = []
    for ex in range(-10, 6, 5):
        for ey in range(-10, 6, 5) if AXES[axes][1] else (0,):
            found += [Address(ex, ix, ey, 0) for ix in (-1, 0, 1)]
    return found


@pytest.fixture
def drawing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Drawing:
    few_rows(monkeypatch)
    monkeypatch.setattr(copies, "LEAST_ROWS", 0)
    return Drawing(tmp_path, COLUMNS, {"v": VALID})


def drawn_from_copy(drawing: Drawing, asked: compute_pb2.Plan, tile: Address | None = None) -> None:
    """Asks for a tile, of most rows by default, until stored ones are read."""
    tile = tile or Address(4, 0, 20 if asked.HasField("y") else 0, 0)
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        _, receipt = drawing.drawn(drawing.renderer, asked, [tile])
        if receipt.tiles_read:
            return
        time.sleep(0.01)
    raise AssertionError("nothing was made")


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("axes", "asked_for"),
    [
        # Where rows lie and what is gathered of them know nothing of each other: all reductions once, a few everywhere.
        ("another pair", [("count", ""), ("sum", ""), ("std", ""), ("by", ""), ("max", "c"), ("first", "c")]),
        *((axes, [("std", ""), ("last", "")]) for axes in AXES if axes != "another pair"),
    ],
)
def test_a_copy_says_what_a_scan_says(drawing: Drawing, axes: str, asked_for: list[tuple[str, str]]) -> None:
    for reduction, category in asked_for:
        asked = plan(axes, reduction, category)
        drawn_from_copy(drawing, asked)
        for tile in places(axes):
            mine, receipt = drawing.drawn(drawing.renderer, asked, [tile])
            expected, scanned = drawing.drawn(drawing.scanning, asked, [tile])
            assert_same(mine, expected)
            assert receipt.rows_scanned <= scanned.rows_scanned
            assert receipt.version_id == scanned.version_id
            assert receipt.unplaced == scanned.unplaced
    drawing.renderer.close()


@pytest.mark.parametrize("axes", ["categories", "hours by categories"])
def test_steps_in_the_order_of_their_rows_are_read_of_a_copy(drawing: Drawing, axes: str) -> None:
    asked, tile = plan(axes, "sum"), Address(0, 0, 0, 0)
    for rank in (asked.rank, asked.rank_y) if asked.HasField("y") else (asked.rank,):
        rank.finisher, rank.top = frame_pb2.FINISHER_IDENTITY, 3
        rank.planes.append(frame_pb2.PLANE_ROLE_COUNT)
    drawn_from_copy(drawing, asked, tile)
    mine, _ = drawing.drawn(drawing.renderer, asked, [tile])
    assert_same(mine, drawing.drawn(drawing.scanning, asked, [tile])[0])
    drawing.renderer.close()


@pytest.mark.parametrize("axes", ["a logarithm", "bins"])
def test_free_viewports_read_only_what_they_meet(drawing: Drawing, axes: str) -> None:
    asked = plan(axes, "sum")
    drawn_from_copy(drawing, asked)
    view = Viewport(1.0, 2.0, 0.5, 1.0, 33, 21 if AXES[axes][1] else 1, exact=True)
    mine, receipt = drawing.drawn(drawing.renderer, asked, [view])
    assert_same(mine, drawing.drawn(drawing.scanning, asked, [view])[0])
    assert receipt.rows_scanned < ROWS / 4
    drawing.renderer.close()


def test_a_picture_that_is_asked_for_once_makes_none(drawing: Drawing) -> None:
    drawing.drawn(drawing.renderer, plan("another pair", "count"), [Address(4, 0, 4, 0)])
    assert not drawing.folder.exists()
    drawing.renderer.close()


def test_few_rows_are_read_as_they_lie(drawing: Drawing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "LEAST_ROWS", ROWS + 1)
    for _ in range(3):
        _, receipt = drawing.drawn(drawing.renderer, plan("another pair", "count"), [Address(4, 0, 4, 0)])
        assert receipt.rows_scanned == ROWS
    assert not drawing.folder.exists()
    drawing.renderer.close()


def test_no_file_is_left_with_a_name(drawing: Drawing) -> None:
    drawn_from_copy(drawing, plan("another pair", "count"))
    assert list(drawing.folder.iterdir()) == []
    drawing.renderer.close()


@pytest.mark.parametrize("tile", [Address(-14, 0, -4, 0), Address(-4, 0, -14, 0)])
@pytest.mark.parametrize("reduction", ["count", "max"])
def test_cells_that_are_much_longer_on_one_axis_get_a_copy_of_their_own(
    drawing: Drawing, tile: Address, reduction: str
) -> None:
    """They are read as they are for a while: seven times."""
    asked = plan_of(reduction)
    near = [Address(tile.ex, ix, tile.ey, iy) for ix in (-3, 0, 5) for iy in (-2, 0, 4)]
    for _ in range(7):
        _, before = drawing.drawn(drawing.renderer, asked, near)
    assert not drawing.folder.exists() or reduction == "max"
    deadline = time.monotonic() + DEADLINE_S
    while True:
        mine, receipt = drawing.drawn(drawing.renderer, asked, near)
        if receipt.rows_scanned < before.rows_scanned:
            break
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert_same(mine, drawing.drawn(drawing.scanning, asked, near)[0])
    # Even cells are still those of the version itself.
    even = Address(-4, 0, -4, 0)
    assert_same(drawing.drawn(drawing.renderer, asked, [even])[0], drawing.drawn(drawing.scanning, asked, [even])[0])
    drawing.renderer.close()
