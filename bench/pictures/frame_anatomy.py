"""Measures one frame of the product stage by stage, and draws it into docs/images/frame-anatomy.svg.

PYTHONPATH=deploy/embedded python -m bench.pictures.frame_anatomy
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from bench.engine.spreads import write_parquet
from bench.product.anatomy import Stage, anatomy
from bench.product.started import started
from bench.product.traces import collecting

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PICTURE = Path(__file__).parents[2] / "docs" / "images" / "frame-anatomy.svg"
OUT = Path(__file__).parents[1] / "out" / "anatomy.json"
_WIDTH, _LEFT, _END, _TOP, _ROW = 760, 300, 690, 34, 26
_BAR = 14
# A stage of no length is seen too.
_LEAST = 1.5
_TICKS = 5
# What the axis is longer than all stages before the last.
_SPACE = 1.3
_COLOURS = {"page": "#c2410c", "worker": "#d97706", "socket": "#64748b", "gateway": "#2563eb", "compute": "#0f766e"}
# Readable on white and on a dark page.
_STYLE = """<style>
text { fill: #334155 } .faint { fill: #64748b } line { stroke: #cbd5e1 }
@media (prefers-color-scheme: dark) { text { fill: #e2e8f0 } .faint { fill: #94a3b8 } line { stroke: #475569 } }
</style>"""


def drawn(stages: Sequence[Stage]) -> str:
    """An SVG: a row for each stage, from the gesture to its pixels. The last one, drawing, takes much longer than
    others where graphics are in software: it is cut.
    """
    *_, painting = stages
    total = min(painting.times[0][0] * _SPACE, painting.times[-1][1])
    height = _TOP + _ROW * len(stages) + 12
    box = f'viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" font-size="13"'
    scale = (_END - _LEFT) / total
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" {box}>', _STYLE, *_axis(total, scale, height)]
    for row, stage in enumerate(stages):
        lines += _stage(stage, _TOP + row * _ROW, scale)
    return "\n".join((*lines, "</svg>")) + "\n"


def _axis(total: float, scale: float, height: int) -> Iterator[str]:
    step = _step(total)
    for tick in range(math.floor(total / step) + 1):
        x = _LEFT + tick * step * scale
        yield f'<line x1="{x:.1f}" y1="{_TOP - 8}" x2="{x:.1f}" y2="{height - 8}"/>'
        yield f'<text class="faint" x="{x:.1f}" y="{_TOP - 14}" text-anchor="middle">{tick * step:g} ms</text>'


def _step(total: float) -> float:
    """A round number of milliseconds, about a fifth of all."""
    power = 10.0 ** math.floor(math.log10(total / _TICKS))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor * _TICKS >= total)


def _stage(stage: Stage, top: float, scale: float) -> Iterator[str]:
    middle = top + _ROW / 2 + 4
    colour = _COLOURS[stage.where]
    yield f'<text x="62" y="{middle}" text-anchor="end" style="fill:{colour}" font-weight="bold">{stage.where}</text>'
    yield f'<text x="72" y="{middle}">{stage.what}</text>'
    for start, end in stage.times:
        width = max((end - start) * scale, _LEAST)
        width = min(width, _END - _LEFT - start * scale)
        y = top + (_ROW - _BAR) / 2
        place = f'x="{_LEFT + start * scale:.1f}" y="{y}" width="{width:.1f}" height="{_BAR}"'
        yield f'<rect {place} fill="{colour}"/>'
    after = min(_LEFT + max(end for _, end in stage.times) * scale, _END)
    yield f'<text class="faint" x="{after + 6:.1f}" y="{middle}">{stage.ms:.1f}</text>'


def measured(rows: int) -> list[Stage]:
    with tempfile.TemporaryDirectory() as folder, collecting() as (collector, settings):
        parquet = Path(folder) / "points.parquet"
        write_parquet(parquet, "even", rows)
        with started(parquet, settings) as product:
            return anatomy(product, collector)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.pictures.frame_anatomy", description=__doc__)
    parser.add_argument("--rows", type=int, default=10**8)
    rows = parser.parse_args().rows
    stages = measured(rows)
    for stage in stages:
        print(f"{stage.where:8} {stage.what:34} {stage.times[0][0]:8.1f} {stage.ms:8.2f} ms")
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps({"rows": rows, "stages": [asdict(stage) for stage in stages]}, indent=1) + "\n")
    PICTURE.write_text(drawn(stages))


if __name__ == "__main__":
    main()
