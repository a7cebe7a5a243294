"""Draws by FlexViz, in its own environment: viewports come as lines of JSON, `drawn` goes back for each."""

from __future__ import annotations

import json
import sys
from typing import Any

import polars as pl
from flexviz.engine import FlexEngine, TraceInfo
from flexviz.events import InteractionEvent
from flexviz.LF import LFQueryBuilder
from flexviz.trace.hist2d import Histogram2D

_FIGURE, _TRACE = "figure", "trace"


def drawn(rows: LFQueryBuilder, wanted: dict[str, Any]) -> bool:
    """Whether its engine gives an update of the picture, as its server asks it for one after a zoom."""
    width, height = wanted["bins"]
    trace = Histogram2D("x", "y", width, height)
    trace.uid = _TRACE
    event = InteractionEvent(type="viewport", viewport_keys=[f"{_FIGURE}/x", f"{_FIGURE}/y"])
    info = TraceInfo(uid=_TRACE, axes=("x", "y"), trace_type=trace.trace_type, figure_uid=_FIGURE)
    ranges = {_FIGURE: {"x": wanted["x"], "y": wanted["y"]}}
    deltas = FlexEngine(rows, {_TRACE: trace}).process(event, [info], ranges)
    return "z" in deltas[0].updates


def main() -> None:
    rows = LFQueryBuilder(pl.read_parquet(sys.argv[1]))
    for line in sys.stdin:
        print("drawn" if drawn(rows, json.loads(line)) else "nothing", flush=True)


if __name__ == "__main__":
    main()
