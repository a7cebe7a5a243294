"""All peers on one table, those that can be used here; of the others, why they can not."""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pandas as pd

from bench.peers import memory
from bench.peers.flexviz_process import FlexViz

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bench.engine.gestures import Look
    from bench.peers.memory import Draw


@contextmanager
def together(parquet: Path, trial: Look) -> Iterator[tuple[dict[str, Draw], dict[str, str]]]:
    """(peers by name, reasons by name), where each peer has drawn the trial once."""
    frame, cores = pd.read_parquet(parquet), len(os.sched_getaffinity(0))
    draws = {
        "Datashader": memory.datashader(frame),
        "loop": memory.loop(frame),
        "DuckDB": memory.duckdb_table(parquet, cores),
        "Polars": memory.polars_table(parquet),
    }
    for draw in draws.values():
        draw(trial)
    with ExitStack() as open_ones:
        others, reasons = _young(parquet, frame, trial, open_ones)
        yield draws | others, reasons


def _young(
    parquet: Path, frame: pd.DataFrame, trial: Look, open_ones: ExitStack
) -> tuple[dict[str, Draw], dict[str, str]]:
    """Peers whose interfaces change from one release to the next: what goes wrong with one is said, and is no more."""

    def xy() -> Draw:
        from bench.peers.xy_density import density

        return density(frame)

    draws: dict[str, Draw] = {}
    reasons: dict[str, str] = {}
    for name, begin in (("xy", xy), ("FlexViz", lambda: open_ones.enter_context(FlexViz(parquet)))):
        try:
            draw = begin()
            draw(trial)
        except Exception as error:
            reasons[name] = f"{type(error).__name__}: {error}"
        else:
            draws[name] = draw
    return draws, reasons
