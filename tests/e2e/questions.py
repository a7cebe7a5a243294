"""Random questions about a table, and what pandas answers: each kind, axis, reduction, category and order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from halftone_wire import finish, half_interval

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from halftone.v1 import session_pb2
    from halftone_wire.pieces import Piece

STEPS_OF_TIME = {"hour": 24, "weekday": 7, "month": 12}
OF_ROWS = ("count", "any")
QUANTILES = {"median": 0.5, "p05": 0.05, "p90": 0.9}
OF_VALUES = ("sum", "mean", "min", "max", "std", "var", "first", "last")


class Table:
    """Rows of a dataset as pandas has them, times as datetime64[us], and its columns by what they are."""

    def __init__(
        self, dataset: str, rows: pd.DataFrame, numbers: Sequence[str], times: Sequence[str], categories: Sequence[str]
    ) -> None:
        self.dataset = dataset
        self.rows = rows
        self.numbers = numbers
        self.times = times
        self.categories = categories
        # Of each category column its labels in the order of their codes, and the code of each row.
        self.labels: dict[str, list[str | None]] = {}
        self.codes: dict[str, np.ndarray] = {}
        self._places: dict[tuple[str, str], np.ndarray] = {}
        for name in categories:
            found, values = pd.factorize(rows[name], use_na_sentinel=False)
            labels = [None if pd.isna(value) else str(value) for value in values]
            counts = np.bincount(found)
            ranked = sorted(range(len(labels)), key=lambda at: (-counts[at], labels[at] is None, labels[at] or ""))
            self.labels[name] = [labels[at] for at in ranked]
            self.codes[name] = np.argsort(ranked)[found]

    def step_labels(self, column: str, scale: str) -> list[str | None] | None:
        """The labels of an axis of steps; None for other axes. Parts of time have no labels here."""
        if column in self.categories:
            return self.labels[column]
        return [""] * STEPS_OF_TIME[scale] if scale in STEPS_OF_TIME else None

    def places(self, column: str, scale: str) -> np.ndarray:
        """float64 of shape (rows,): where each row lies on an axis, NaN where it has no place."""
        if (column, scale) not in self._places:
            self._places[column, scale] = self._placed(column, scale)
        return self._places[column, scale]

    def _placed(self, column: str, scale: str) -> np.ndarray:
        if column in self.categories:
            return self.codes[column] + 0.5
        values = self.rows[column]
        if scale in STEPS_OF_TIME:
            part = {"hour": values.dt.hour, "weekday": values.dt.day_of_week, "month": values.dt.month - 1}[scale]
            place: np.ndarray = part.to_numpy(np.float64) + 0.5
            return place
        if column in self.times:
            whole = values.astype("datetime64[us]").astype("int64").to_numpy(np.float64)
            return np.where(values.isna(), np.nan, whole)
        numbers = values.to_numpy(np.float64)
        numbers = np.where(np.isfinite(numbers), numbers, np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(numbers > 0, np.log10(numbers), np.nan) if scale == "log" else numbers


@dataclass(frozen=True)
class Question:
    """`options` as the socket takes them; `scales` of the axes x and y."""

    kind: str
    options: Mapping[str, Any]
    scales: Mapping[str, str]
    zoom: tuple[float, float] | None

    @property
    def axes(self) -> list[str]:
        return list(self.scales)

    @property
    def value(self) -> str:
        """The column that a reduction takes; a line goes along it."""
        return str(self.options["y"] if self.kind == "line" else self.options.get("value", ""))

    def places(self, table: Table, axis: str) -> np.ndarray:
        """float64 of shape (rows,): where each row lies on an axis, on one of bins in the middle of its bin."""
        column, width = self.options[axis], self.options.get("bin_width", 0)
        places = table.places(column, self.scales[axis])
        if not width:
            return places
        # Edges as they are written in decimals, times in microseconds.
        tenths = round(width * 10) * (10**6 if column in table.times else 1)
        low, high = np.nanmin(places), np.nanmax(places)
        first = int(low * 10 // tenths) - 1
        edges = np.arange(first, int(high * 10 // tenths) + 3) * float(tenths) / 10
        return np.where(np.isnan(places), np.nan, np.searchsorted(edges, places, "right") - 1 + first + 0.5)

    def viewport(self, table: Table) -> dict[str, Any]:
        """What is asked for: all that the view opens with, or between two quantiles of each axis that has no steps."""
        size = {"width": 300, "height": 200}
        if self.zoom is None:
            return size
        extent = {"y0": 0.0, "y1": 1.0}
        for axis in self.axes:
            column = self.options[axis]
            if (labels := table.step_labels(column, self.scales[axis])) is not None:
                low, high = 0.0, float(len(labels))
            else:
                low, high = np.nanquantile(self.places(table, axis), self.zoom)
            extent |= {f"{axis}0": low, f"{axis}1": high if high > low else low + 1.0}
        return {**size, "extent": extent}


def questions(table: Table, count: int, seed: int) -> list[Question]:
    """So many different ones, the same for the same seed."""
    rng = np.random.default_rng(seed)
    return [_question(table, rng) for _ in range(count)]


def _question(table: Table, rng: np.random.Generator) -> Question:
    kind = str(rng.choice(["bars", "bars", "heatmap", "heatmap", "histogram", "points", "line"]))
    has_steps = kind in ("bars", "heatmap")
    options: dict[str, Any] = {}
    scales: dict[str, str] = {}
    for axis in ("x", "y") if kind in ("heatmap", "points") else ("x",):
        able = [*table.numbers, *table.times, *(table.categories if has_steps else ())]
        column = str(rng.choice([name for name in able if name not in options.values()]))
        scale = "linear"
        if column in table.times and has_steps:
            scale = str(rng.choice(["linear", *STEPS_OF_TIME]))
        elif column in table.numbers:
            scale = str(rng.choice(["linear", "linear", "log"]))
        options[axis], scales[axis] = column, scale
        if scale != "linear":
            options[f"{axis}_scale"] = scale
    _add_reduction(table, kind, options, rng)
    if kind == "histogram":
        options["bins"] = int(rng.choice([0, 0, 1, 40]))
        widths = [0, 3600, 86_400.5] if options["x"] in table.times else [0, 0.3, 7]
        options["bin_width"] = float(rng.choice(widths))
    if any(options[axis] in table.categories for axis in scales) or (kind == "bars" and scales["x"] in STEPS_OF_TIME):
        options["order"] = str(rng.choice(["steps", "greatest", "least", "name"]))
        options["top"] = int(rng.choice([0, 0, 3, 10]))
        if options["reduction"] == "distinct":
            # Estimates may stand in another order.
            options["order"] = "steps"
    low, high = sorted(rng.random(2))
    return Question(kind, options, scales, None if rng.random() < 0.5 else (low, high))


def _add_reduction(table: Table, kind: str, options: dict[str, Any], rng: np.random.Generator) -> None:
    few = [name for name in table.categories if len(table.labels[name]) <= 16]
    by = str(rng.choice(few)) if few and rng.random() < 0.3 else ""
    # Bars have more of them, without categories.
    more = (*QUANTILES, "distinct") if kind == "bars" and not by else ()
    of_rows = () if kind == "line" else (*OF_ROWS, *(("mode",) if by else ()))
    reduction = str(rng.choice([*of_rows, *OF_VALUES, *more]))
    options["reduction"] = reduction
    if reduction in OF_VALUES + more:
        options["y" if kind == "line" else "value"] = str(rng.choice(table.numbers))
    if kind == "bars" and reduction == "mean":
        options["errors"] = str(rng.choice(["none", "mean95", "mean95"]))
    if by:
        options["category"] = by


def compare(table: Table, question: Question, frame: session_pb2.Frame, pieces: Sequence[Piece]) -> int:
    """Asserts that every cell of a frame is what pandas answers; how many cells hold something."""
    box = Box.around(pieces)
    places = {axis: question.places(table, axis) for axis in question.axes}
    if most := question.options.get("bins"):
        view = question.viewport(table).get("extent")
        # Bins at the ends may be cut.
        assert view is None or (view["x1"] - view["x0"]) / box.size[0] <= most + 2, question
    for axis, of_piece in (("x", "steps"), ("y", "steps_y")):
        known = {piece.extent["xy".index(axis) * 2]: getattr(piece, of_piece) for piece in pieces}
        if any(known.values()):
            cells = [step for _, steps in sorted(known.items()) for step in steps]
            labels = [step.label for step in getattr(frame, axis).steps]
            places[axis] = _ranked(table, question, axis, cells, labels)
    cell = _cells([places[axis] for axis in question.axes], box)
    expected = _reduced(table, question, cell, box.width * box.height).reshape(box.height, box.width, -1)
    scale = float(np.nanmax(np.abs(expected))) if np.isfinite(expected).any() else 1.0
    atol = scale * _slack(question)
    for piece in pieces:
        found = finish(frame.quantity, piece.planes)
        wanted = box.cut(expected, piece).reshape(found.shape)
        rtol = 4 * frame.quantity.error or 1e-9
        np.testing.assert_allclose(found, wanted, rtol=rtol, atol=atol, err_msg=str(question))
    _compare_errors(table, question, frame, pieces, cell, box)
    return int(np.isfinite(expected).sum())


def _compare_errors(
    table: Table, question: Question, frame: session_pb2.Frame, pieces: Sequence[Piece], cell: np.ndarray, box: Box
) -> None:
    """Asserts that error bars are 1.96 standard errors of pandas long to each side."""
    halves = [half_interval(frame.quantity, piece.planes) for piece in pieces]
    if question.options.get("errors", "none") == "none":
        assert all(half is None for half in halves), question
        return
    of_errors = Question(question.kind, {**question.options, "reduction": "sem"}, question.scales, None)
    expected = 1.96 * _reduced(table, of_errors, cell, box.width).reshape(1, box.width, -1)
    scale = float(np.nanmax(expected)) if np.isfinite(expected).any() else 1.0
    for piece, half in zip(pieces, halves, strict=True):
        assert half is not None, question
        wanted = box.cut(expected, piece).reshape(half.shape)
        np.testing.assert_allclose(half, wanted, rtol=1e-6, atol=1e-6 * scale, err_msg=str(question))


@dataclass(frozen=True)
class Box:
    """The cells around some pieces of one level: their size and the first of them on x and on y, and how many."""

    size: tuple[float, float]
    first: tuple[int, int]
    width: int
    height: int

    @classmethod
    def around(cls, pieces: Sequence[Piece]) -> Box:
        (x0, x1, y0, y1), one = pieces[0].extent, pieces[0]
        size = (x1 - x0) / one.width, (y1 - y0) / one.height
        left, right, low, high = zip(*(piece.extent for piece in pieces), strict=True)
        first = round(min(left) / size[0]), round(min(low) / size[1])
        return cls(size, first, round(max(right) / size[0]) - first[0], round(max(high) / size[1]) - first[1])

    def cut(self, grid: np.ndarray, piece: Piece) -> np.ndarray:
        """The part of a grid of shape (height, width, …) that a piece covers."""
        left = round(piece.extent[0] / self.size[0]) - self.first[0]
        low = round(piece.extent[2] / self.size[1]) - self.first[1]
        return grid[low : low + piece.height, left : left + piece.width]


def _slack(question: Question) -> float:
    """Of squares of numbers far from zero digits are lost, here or in pandas."""
    return 1e-6 if question.options["reduction"] in ("std", "var") else 1e-12


def _cells(places: Sequence[np.ndarray], box: Box) -> np.ndarray:
    """int64 of shape (rows,): the cell of each row in a box, one row of cells after the other; -1 outside of it."""
    cell, inside = np.zeros(len(places[0]), np.int64), np.ones(len(places[0]), np.bool_)
    sides = zip(places, box.size, box.first, (box.width, box.height), (1, box.width), strict=False)
    for of_rows, size, first, count, stride in sides:
        at = np.floor(of_rows / size) - first
        within = (at >= 0) & (at < count)
        inside &= within
        cell += np.where(within, at, 0).astype(np.int64) * stride
    return np.where(inside, cell, -1)


def _ranked(table: Table, question: Question, axis: str, cells: Sequence[int], labels: Sequence[str]) -> np.ndarray:
    """Where each row lies on an axis with an order, and asserts that order; `cells` are the steps of its cells."""
    column, scale = question.options[axis], question.scales[axis]
    steps = np.floor(table.places(column, scale))
    known = len(table.step_labels(column, scale) or ())
    top = question.options["top"] if question.options["top"] + 1 < known else 0
    first = np.array(cells[:top] if top else cells, np.int64)
    assert len(set(first.tolist())) == len(first) == (top or known), question
    assert not top or list(cells[top:]) == [known], question
    _assert_order(table, question, steps, first, known, labels)
    cell = np.full(known, top if top else -1, np.int64)
    cell[first] = np.arange(len(first))
    return np.where(np.isnan(steps), np.nan, cell[np.nan_to_num(steps).astype(np.int64)] + 0.5)


def _assert_order(
    table: Table, question: Question, steps: np.ndarray, first: np.ndarray, known: int, labels: Sequence[str]
) -> None:
    order = question.options["order"]
    if order == "steps":
        np.testing.assert_array_equal(first, np.arange(len(first)))
    elif order == "name":
        names = [labels[step].casefold() for step in first if labels[step]]
        assert names == sorted(names), question
        if len(first) < len(names):
            assert names[-1] <= min(label.casefold() for at, label in enumerate(labels) if label and at not in first)
    else:
        of_rows = question.options["reduction"] == "mode" or (
            "category" in question.options and question.options["reduction"] in OF_ROWS
        )
        options = {**question.options, "reduction": "count"} if of_rows else dict(question.options)
        options.pop("category", None)
        alone = Question(question.kind, options, question.scales, None)
        valid = ~np.isnan(steps)
        numbers = _reduced(table, alone, np.where(valid, np.nan_to_num(steps), -1).astype(np.int64), known)
        numbers = numbers if order == "least" else -numbers
        expected = np.sort(numbers)[: len(first)]
        scale = float(np.nanmax(np.abs(numbers))) if np.isfinite(numbers).any() else 1.0
        np.testing.assert_allclose(
            numbers[first], expected, rtol=1e-9, atol=scale * _slack(question), err_msg=str(question)
        )


def _quantile(values: pd.Series, share: float) -> float:
    """The least value that at least a share of the values do not exceed."""
    known = values.dropna()
    return float(np.quantile(known, share, method="inverted_cdf")) if len(known) else np.nan


def _reduced(table: Table, question: Question, cell: np.ndarray, cells: int) -> np.ndarray:
    """What pandas makes of the rows of each cell; shape (cells,), with a category (cells · categories,)."""
    inside = cell >= 0
    reduction, by = (question.options.get(name, "") for name in ("reduction", "category"))
    key = cell[inside]
    categories = len(table.labels[by]) if by else 1
    if by:
        key = key * categories + table.codes[by][inside]
    if reduction in OF_ROWS or reduction == "mode":
        counts = np.bincount(key, minlength=cells * categories).astype(np.float64)
        if reduction == "mode":
            rows = counts.reshape(cells, categories)
            return np.where(rows.any(axis=1), rows.argmax(axis=1).astype(np.float64), np.nan)
        # Of any rows by category each category says whether it has one.
        return (counts > 0).astype(np.float64) if reduction == "any" else counts
    numbers = table.rows[question.value].to_numpy(np.float64)[inside]
    grouped = pd.Series(np.where(np.isfinite(numbers), numbers, np.nan)).groupby(key)
    if (share := QUANTILES.get(reduction)) is not None:
        return np.array(grouped.agg(lambda values: _quantile(values, share)).reindex(range(cells)), np.float64)
    of_pandas: Mapping[str, Callable[[], pd.Series]] = {
        "sum": lambda: grouped.sum(min_count=1),
        "std": lambda: grouped.std(ddof=0),
        "var": lambda: grouped.var(ddof=0),
        "distinct": lambda: grouped.nunique().where(grouped.count() > 0),
    }
    made = of_pandas[reduction]() if reduction in of_pandas else grouped.agg(reduction)
    of_cells: np.ndarray = made.reindex(range(cells * categories)).to_numpy(np.float64)
    return of_cells
