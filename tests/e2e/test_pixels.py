"""Known grids through the real shader: every pixel has the colour that the test computes from the numbers."""

import json
import math
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page

from .product import ROOT

pytestmark = pytest.mark.e2e

FRONTEND = ROOT / "frontend"
# Four pieces of 24 x 24 cells, two by two; the plot reaches beyond them.
SIDE = 24
CELLS = 2 * SIDE
RATIOS = (1.0, 1.5, 2.0, 3.0)
# Device pixels of a cell: at rest 1 to 2, while zooming any, and columns with a step have large cells.
SCALES = ((1.13, 1.87), (1.0, 1.0), (0.71, 2.9), (7.3, 1.21))
ROWS = {
    "label": "Rows",
    "unit": "",
    "finisher": "identity",
    "planes": ["count"],
    "empty": "zero",
    "growsWithArea": True,
    "integer": True,
    "withinValue": False,
    "value": "",
    "category": "",
}
MEAN = ROWS | {
    "label": "Mean",
    "finisher": "ratio",
    "planes": ["sum"],
    "empty": "no_value",
    "growsWithArea": False,
    "integer": False,
    "value": "v",
}

Grid = NDArray[np.float64]


@dataclass(frozen=True)
class Scene:
    """Cells of `unit` x `unit`, `rows` (CELLS, CELLS), lowest first; `values`: drawn in place of rows, NaN for none."""

    rows: Grid
    values: Grid | None = None
    x0: float = 3.317
    y0: float = -2.273
    scale: tuple[float, float] = SCALES[0]
    size: tuple[int, int] = (96, 64)
    marks: object = "off"
    normalisation: str = "linear"
    unit: float = 1.0

    @property
    def numbers(self) -> Grid:
        """What is drawn; NaN for nothing."""
        return np.where(self.rows > 0, self.rows, np.nan) if self.values is None else self.values

    @property
    def view(self) -> tuple[float, float, float, float]:
        """x0, x1, y0, y1."""
        (width, height), (across, up) = self.size, self.scale
        x0, x1, y0, y1 = self.x0, self.x0 + width / across, self.y0, self.y0 + height / up
        return x0 * self.unit, x1 * self.unit, y0 * self.unit, y1 * self.unit

    def cells(self, axis: int) -> NDArray[np.int64]:
        """The cell under the centre of each device pixel of an axis; no centre is too near to an edge to tell."""
        low, high = (Fraction(end) / Fraction(self.unit) for end in self.view[2 * axis : 2 * axis + 2])
        pixels = self.size[axis]
        exact = [low + (high - low) * Fraction(2 * i + 1, 2 * pixels) for i in range(pixels)]
        assert all(abs(at - round(at)) > Fraction(1, 10_000) for at in exact)
        return np.array([math.floor(at) for at in exact])

    def wish(self, pointed: NDArray[np.int64]) -> dict[str, Any]:
        """What the page is asked to draw."""
        x0, x1, y0, y1 = self.view
        return {
            "viewport": {"x0": x0, "x1": x1, "y0": y0, "y1": y1},
            "size": {"width": self.size[0], "height": self.size[1]},
            "look": {"spread": self.marks, "normalisation": self.normalisation},
            "quantity": ROWS if self.values is None else MEAN,
            "pieces": [self._piece(column, row) for row in (0, 1) for column in (0, 1)],
            "pointed": [{"x": int(x), "y": int(y)} for x, y in pointed],
        }

    def _piece(self, column: int, row: int) -> dict[str, Any]:
        part = np.s_[row * SIDE : (row + 1) * SIDE, column * SIDE : (column + 1) * SIDE]
        x, y, side = column * SIDE * self.unit, row * SIDE * self.unit, SIDE * self.unit
        planes = [("count", "u4", self.rows[part])]
        if self.values is not None:
            valid = ~np.isnan(self.values[part])
            planes += [("valid", "u4", valid * 1), ("sum", "f8", np.where(valid, self.values[part], 0))]
        return {
            "extent": {"x0": x, "x1": x + side, "y0": y, "y1": y + side},
            "width": SIDE,
            "height": SIDE,
            "planes": [
                {"role": r, "type": t, "values": [repr(float(v)) for v in cells.flat]} for r, t, cells in planes
            ],
        }


@dataclass(frozen=True)
class Picture:
    """What the page drew: `pixels` of shape (height, width, 3), lowest row first, and its colours."""

    pixels: NDArray[np.int64]
    lut: NDArray[np.int64]
    background: NDArray[np.int64]
    hatch: NDArray[np.int64]
    ratio: float
    readings: list[str]


Draw = Callable[..., Picture]


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The renderer of the page, with what feeds it, as one script."""
    made = tmp_path_factory.mktemp("pixels") / "picture.js"
    entry = "src/features/explore/plot/testing-picture.ts"
    command = ["node_modules/.bin/rolldown", entry, "--format", "iife", "--name", "testing", "--file", str(made)]
    subprocess.run(command, cwd=FRONTEND, check=True, capture_output=True, timeout=120)
    return made.read_text()


@pytest.fixture(scope="module", params=RATIOS)
def screen(request: pytest.FixtureRequest, browser: Browser, script: str) -> Iterator[Page]:
    """A page on a screen of that many device pixels to a pixel."""
    context = browser.new_context(device_scale_factor=request.param)
    page = context.new_page()
    page.add_script_tag(content=script)
    yield page
    context.close()


@pytest.fixture
def draw(screen: Page) -> Draw:
    """Draws a scene."""

    def draw(scene: Scene, pointed: NDArray[np.int64] | None = None) -> Picture:
        wish = scene.wish(np.empty((0, 2), np.int64) if pointed is None else pointed)
        # As text: the driver takes objects apart number by number.
        text = screen.evaluate("text => JSON.stringify(testing.drawPicture(JSON.parse(text)))", json.dumps(wish))
        found = json.loads(text)
        pixels = np.array(found["pixels"]).reshape(scene.size[1], scene.size[0], 3)
        lut = np.array(found["lut"]).reshape(256, 3)
        background, hatch = np.array(found["background"]), np.array(found["hatch"])
        return Picture(pixels, lut, background, hatch, found["ratio"], found["readings"])

    return draw


def sparse(seed: int, share: float = 0.04) -> Grid:
    """Rows of each cell, 1 to 6, most of them none; some at every seam."""
    rng = np.random.default_rng(seed)
    rows = np.where(rng.random((CELLS, CELLS)) < share, rng.integers(1, 7, (CELLS, CELLS)), 0).astype(float)
    rows[SIDE - 1, 5], rows[SIDE, 9], rows[12, SIDE - 1], rows[30, SIDE] = 6, 5, 4, 3
    return rows


def marked(scene: Scene, ratio: float) -> NDArray[np.int64]:
    """(CELLS, CELLS): for each cell the index of the cell that is drawn there; -1 outside of every mark and cell."""
    owner = np.where(scene.rows > 0, np.arange(CELLS * CELLS).reshape(CELLS, CELLS), -1)
    if not isinstance(scene.marks, int):
        return owner
    pixels = math.ceil(scene.marks * ratio)
    right, up = (max(0, math.ceil(pixels / size - 1e-6) - 1) for size in scene.scale)
    shown = owner.copy()
    for row, column in zip(*np.nonzero(scene.rows), strict=True):
        x, y = max(1, right), max(1, up)
        # Within the piece, with its neighbours: those beyond the seam do not count.
        top, left = SIDE * (row // SIDE), SIDE * (column // SIDE)
        piece = scene.rows[top : top + SIDE, left : left + SIDE]
        r, c = row - top, column - left
        near = piece[max(0, r - y) : r + y + 1, max(0, c - x) : c + x + 1]
        fits = all(max(1, size // 2) <= at < SIDE - max(1, size - size // 2) for at, size in ((c, right), (r, up)))
        if (near > 0).sum() == 1 and fits and right + up > 0:
            rows = np.s_[row - up // 2 : row - up // 2 + up + 1]
            columns = np.s_[column - right // 2 : column - right // 2 + right + 1]
            assert (shown[rows, columns] != -1).sum() == 1
            shown[rows, columns] = owner[row, column]
    return shown


def places(scene: Scene) -> Grid:
    """(CELLS, CELLS): place of each number on the colour map, 0 to 1, by the numbers of the cells in view."""
    columns, rows = (np.unique(np.clip(scene.cells(axis), -1, CELLS)) for axis in (0, 1))
    inside = np.s_[max(0, rows.min()) : rows.max() + 1, max(0, columns.min()) : columns.max() + 1]
    numbers = scene.numbers
    placed: Grid
    seen = numbers[inside][~np.isnan(numbers[inside])]
    low, high = float(seen.min()), float(seen.max())
    if scene.normalisation == "linear":
        exact = [
            float((Fraction(v) - Fraction(low)) / (Fraction(high) - Fraction(low))) for v in np.nan_to_num(numbers).flat
        ]
        placed = np.array(exact).reshape(numbers.shape)
    elif scene.normalisation == "log":
        placed = np.log1p(np.maximum(0, np.nan_to_num(numbers) - low)) / np.log1p(high - low)
    else:
        placed = equalised(seen, np.nan_to_num(numbers))
    return np.clip(placed, 0, 1)


def equalised(seen: Grid, numbers: Grid) -> Grid:
    """Places of `numbers` by the shares of those in view, as Datashader's `eq_hist` and `_rescale_discrete_levels`."""
    levels, counts = np.unique(seen, return_counts=True)
    shares = np.cumsum(counts) / counts.sum()
    slope = -0.5 / 98
    multiple = slope * len(levels) + 1.5 - 2 * slope
    least = max(1 - multiple * (1 - shares[0]), 0) if multiple > 1 else shares[0]
    placed: Grid = (np.interp(numbers, levels, shares) - least) / (1 - least)
    return placed


def expected(scene: Scene, picture: Picture) -> NDArray[np.int64]:
    """The colour of each pixel, from the numbers."""
    columns, rows = scene.cells(0), scene.cells(1)
    index = places(scene) * 255 + 0.5
    filled = ~np.isnan(scene.numbers)
    # Float32 of the shader is not asked to decide between two colours.
    assert (np.abs(index - np.round(index))[filled] > 1e-3).all()
    colours = picture.lut[np.floor(index).astype(int)].reshape(-1, 3)
    shown = np.where(np.isin(marked(scene, picture.ratio), np.flatnonzero(filled)), marked(scene, picture.ratio), -1)
    across, up = np.meshgrid(columns, rows)
    known = (across >= 0) & (across < CELLS) & (up >= 0) & (up < CELLS)
    cells = np.where(known, shown[np.clip(up, 0, CELLS - 1), np.clip(across, 0, CELLS - 1)], -1)
    found = np.where((cells >= 0)[..., None], colours[cells], picture.background)
    x, y = np.meshgrid(np.arange(scene.size[0]), np.arange(scene.size[1]))
    stripe = 12 * picture.ratio
    hatched = ~known & ((x + y + 1) % stripe < stripe * 0.15)
    return np.where(hatched[..., None], picture.hatch, found)


@pytest.mark.parametrize("scale", SCALES)
def test_cells_are_drawn_as_they_are_without_marks(draw: Draw, scale: tuple[float, float]) -> None:
    scene = Scene(sparse(1), scale=scale)
    picture = draw(scene)
    np.testing.assert_array_equal(picture.pixels, expected(scene, picture))


@pytest.mark.parametrize("marks", [2, 3])
@pytest.mark.parametrize("scale", SCALES)
def test_only_lone_cells_are_larger_with_marks(draw: Draw, scale: tuple[float, float], marks: int) -> None:
    plain = Scene(sparse(2), scale=scale)
    scene = replace(plain, marks=marks)
    before, picture = draw(plain), draw(scene)
    wanted = expected(scene, picture)
    np.testing.assert_array_equal(picture.pixels, wanted)
    changed = (picture.pixels != before.pixels).any(axis=2)
    assert changed.any() == (expected(plain, picture) != wanted).any()
    # What changed was empty before.
    assert (before.pixels[changed] == picture.background).all()


def test_the_read_out_over_a_mark_is_that_of_its_cell(draw: Draw) -> None:
    scene = Scene(sparse(3), marks=3)
    x, y = np.meshgrid(np.arange(scene.size[0]), np.arange(scene.size[1]))
    pointed = np.stack([x.ravel(), y.ravel()], axis=1)
    picture = draw(scene, pointed)
    owner = marked(scene, picture.ratio)
    columns, rows = scene.cells(0), scene.cells(1)
    for (px, py), reading in zip(pointed, picture.readings, strict=True):
        column, row = columns[px], rows[py]
        if not (0 <= column < CELLS and 0 <= row < CELLS):
            assert reading == ""
            continue
        cell = owner[row, column]
        count = 0 if cell < 0 else int(scene.rows.flat[cell])
        assert reading == f"{count} {'row' if count == 1 else 'rows'}"


@pytest.mark.parametrize("normalisation", ["log", "eq_hist"])
def test_colours_follow_the_normalisation(draw: Draw, normalisation: str) -> None:
    scene = Scene(sparse(4), normalisation=normalisation, marks=2)
    picture = draw(scene)
    np.testing.assert_array_equal(picture.pixels, expected(scene, picture))


@pytest.mark.parametrize("unit", [1.7e308 / 3, 1e-310, 5e-324])
def test_the_greatest_and_the_least_numbers_have_their_colours(draw: Draw, unit: float) -> None:
    rows = sparse(5)
    numbers = np.where(rows > 0, np.round(np.maximum(rows, 1) - 3.6) * unit, np.nan)
    scene = Scene(rows, numbers, marks=2)
    picture = draw(scene)
    np.testing.assert_array_equal(picture.pixels, expected(scene, picture))


@pytest.mark.parametrize("unit", [2.0**-1060, 2.0**990])
def test_the_narrowest_and_the_widest_axes_have_their_cells(draw: Draw, unit: float) -> None:
    scene = Scene(sparse(6), unit=unit)
    picture = draw(scene)
    np.testing.assert_array_equal(picture.pixels, expected(scene, picture))
