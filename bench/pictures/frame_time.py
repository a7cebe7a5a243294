"""Draws the milliseconds of a frame against rows, ours and peers', out of bench/out/engine.json.

python -m bench.pictures.frame_time
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.engine.__main__ import OUT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PICTURE = Path(__file__).parents[2] / "docs" / "images" / "frame-time.svg"
SPREAD = "even"
# A frame of a display that is fluent.
_FLUENT_MS = 1000 / 60
_WIDTH, _HEIGHT = 760, 420
_LEFT, _END, _TOP, _FLOOR = 70, 630, 24, 368
# Height of a line of text.
_LINE = 16
_ROWS = {6: "1 million", 7: "10 million", 8: "100 million", 9: "1 billion"}
_COLOURS = {
    "Halftone": "#c2410c",
    "loop": "#64748b",
    "Datashader": "#0f766e",
    "DuckDB": "#7c3aed",
    "Polars": "#2563eb",
    "FlexViz": "#be185d",
    "xy": "#a16207",
}
_LABELS = {"loop": "compiled loop"}


def series(tables: Mapping[str, Mapping[str, Mapping[str, float]]]) -> dict[str, list[tuple[int, float]]]:
    """(rows, milliseconds) by who draws."""
    found: dict[str, list[tuple[int, float]]] = {name: [] for name in _COLOURS}
    for name, table in tables.items():
        spread, _, rows = name.partition(" ")
        if spread == SPREAD:
            for who, ms in table["peers ms"].items():
                found[who].append((int(rows), ms))
    return {who: sorted(points) for who, points in found.items() if points}


@dataclass(frozen=True)
class Plot:
    """Two logarithmic axes: rows from 10^x0 to 10^x1, milliseconds from 10^y0 to 10^y1."""

    x0: float
    x1: float
    y0: int
    y1: int

    def x(self, rows: float) -> float:
        return _LEFT + (math.log10(rows) - self.x0) / (self.x1 - self.x0) * (_END - _LEFT)

    def y(self, ms: float) -> float:
        return _FLOOR - (math.log10(ms) - self.y0) / (self.y1 - self.y0) * (_FLOOR - _TOP)

    def axes(self) -> Iterator[str]:
        for power in range(self.y0, self.y1 + 1):
            height = self.y(10.0**power)
            yield _line(height, "#e2e8f0")
            yield _text(_LEFT - 8, height + 4, f"{10.0**power:g} ms", anchor="end")
        for power in range(math.ceil(self.x0), math.floor(self.x1) + 1):
            yield _text(self.x(10.0**power), _FLOOR + 20, _ROWS.get(power, f"10^{power}"), anchor="middle")
        yield _text((_LEFT + _END) / 2, _HEIGHT - 10, "rows", anchor="middle")
        yield _line(self.y(_FLUENT_MS), "#94a3b8", ' stroke-dasharray="4 4"')
        yield _text(_LEFT + 6, self.y(_FLUENT_MS) - 5, "60 frames a second")

    def curves(self, points: Mapping[str, Sequence[tuple[int, float]]]) -> Iterator[str]:
        """The highest first, so that each name goes below the one before where both have the same place."""
        lowest = -math.inf
        for who, each in sorted(points.items(), key=lambda item: -item[1][-1][1]):
            colour, width = _COLOURS[who], 3 if who == "Halftone" else 1.5
            path = " ".join(f"{self.x(rows):.1f},{self.y(ms):.1f}" for rows, ms in each)
            yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>'
            rows, ms = each[-1]
            lowest = max(self.y(ms) + 4, lowest + _LINE)
            yield _text(self.x(rows) + 8, lowest, _LABELS.get(who, who), colour)


def drawn(points: Mapping[str, Sequence[tuple[int, float]]]) -> str:
    """An SVG."""
    rows = [row for each in points.values() for row, _ in each]
    times = [ms for each in points.values() for _, ms in each]
    x0, x1 = math.log10(min(rows)), math.log10(max(rows))
    plot = Plot(x0, x1, math.floor(math.log10(min(times))), math.ceil(math.log10(max(times))))
    box = f'viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" font-size="13"'
    ground = f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>'
    lines = (f'<svg xmlns="http://www.w3.org/2000/svg" {box}>', ground, *plot.axes(), *plot.curves(points), "</svg>")
    return "\n".join(lines) + "\n"


def _line(height: float, colour: str, more: str = "") -> str:
    return f'<line x1="{_LEFT}" y1="{height:.1f}" x2="{_END}" y2="{height:.1f}" stroke="{colour}"{more}/>'


def _text(x: float, y: float, words: str, colour: str = "#475569", anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{words}</text>'


if __name__ == "__main__":
    PICTURE.write_text(drawn(series(json.loads(OUT.read_text())["tables"])))
