"""The engine for cards, measured: `make gpu-bench`, or `python -m bench.gpu`. Needs a card.

First every reduction is compared with the CPU engine and with Datashader; one cell that differs ends it. Then, for
rows in Morton order and in random order: a pass of the kernel over columns that lie on the card, whole frames, many
views at once, against copies of the card's memory, CuPy's histogram and Datashader on cuDF. Writes
bench/out/gpu.json; `--page` puts it into docs/benchmarks/gpu.md, `--card` only says whether a card works.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from halftone_compute.backends.base import EngineError
from halftone_compute.backends.card.gpu import CupyDevice, engine_on

from bench.gpu import page
from bench.gpu.equality import UnequalError
from bench.gpu.measure import MOST_VALUES, Bench
from bench.gpu.stopwatch import Stopwatch

if TYPE_CHECKING:
    from halftone_compute.backends.card import CardEngine

OUT = Path(__file__).parents[1] / "out" / "gpu.json"
SIZES = (10**6, 10**7, 10**8, 10**9)
# Left for planes, tables and what is on its way.
_RESERVED = 1 << 30
# Bytes of a row: coordinates on the card twice while they are placed, values and codes; on the host with what sorts.
_ON_CARD, _ON_HOST, _OF_VALUES = 16, 16, 12


def unfit(rows: int, card_bytes: int, host_bytes: int) -> str:
    """Why this number of rows cannot be measured; empty when it can."""
    values = _OF_VALUES if rows <= MOST_VALUES else 0
    if rows * (_ON_CARD + values) > card_bytes:
        return f"{card_bytes / 2**30:.1f} GiB are free on the card"
    if rows * (_ON_HOST + values) > host_bytes:
        return f"the machine has {host_bytes / 2**30:.1f} GiB of memory"
    return ""


def opened() -> tuple[CardEngine[Any], Stopwatch[Any]]:
    """The engine on the GPU, and the stopwatch that times its launches. Raises EngineError."""
    stopwatch: Stopwatch[Any] = Stopwatch(CupyDevice())
    return engine_on(stopwatch, None, _RESERVED), stopwatch


def measured(backend: CardEngine[Any], stopwatch: Stopwatch[Any], sizes: list[int], rounds: int) -> dict[str, Any]:
    # CuPy is there: a card has been opened.
    from bench.gpu.peers import CardPeers, copy_bytes_per_second, device_facts

    facts = device_facts() | {"copy_bytes_per_second": copy_bytes_per_second()}
    host_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    fits = partial(unfit, card_bytes=stopwatch.free_bytes(), host_bytes=host_bytes)
    run = {"command": "python -m bench.gpu", "rounds": rounds, "python": platform.python_version()}
    return run | facts | Bench(backend, stopwatch, rounds, CardPeers(rounds)).run(sizes, fits).as_dict()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--card", action="store_true", help="only say whether a card works")
    parser.add_argument("--page", action="store_true", help="write the page from the figures that are there")
    given = parser.parse_args()
    if given.page:
        page.write(json.loads(OUT.read_text()))
        return
    try:
        backend, stopwatch = opened()
    except EngineError as error:
        sys.exit(f"No card works here: {error.detail}")
    print(f"{stopwatch.name}: {stopwatch.free_bytes() / 2**30:.1f} GiB free")
    if given.card:
        return
    try:
        found = measured(backend, stopwatch, given.rows, given.rounds)
    except UnequalError as error:
        sys.exit(f"Not measured, for the card is wrong: {error}")
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(found, indent=1))
    print(*page.bars(found), sep="\n")
    print(f"Written to {OUT}")


if __name__ == "__main__":
    main()
