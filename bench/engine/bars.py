"""Which figures of the tables are bars."""

from __future__ import annotations

import os
import statistics
from typing import TYPE_CHECKING

import numpy as np

from bench.engine.bar import Bar
from bench.engine.frames import png_bytes
from bench.engine.imported import MEMORY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.engine.asked import Asked
    from bench.engine.frames import Drawer
    from bench.engine.gestures import Look
    from bench.engine.imported import Imported
    from bench.engine.stretches import Stretches


def equality(spread: str, share: float) -> Bar:
    return Bar(3, f"cells equal to Datashader, {spread}", share, 1.0, "Datashader", most=False)


def of_frames(spread: str, ms: Sequence[float], peers: Mapping[str, float], reasons: Mapping[str, str]) -> list[Bar]:
    p50, p99 = statistics.median(ms), float(np.percentile(ms, 99))

    def over(number: int, name: str, bar: float) -> Bar:
        value = p50 / peers[name] if name in peers else None
        return Bar(number, f"frame p50 over that of {name}, {spread}", value, bar, name, note=reasons.get(name, ""))

    return [
        over(1, "Datashader", 0.01),
        # What `xy` draws is coarser than a cell for each pixel: no more than a comparison.
        over(1, "xy", 1.0),
        Bar(2, f"warm mixed views p99 over p50, {spread}", p99 / p50, 5.0, "itself"),
        *(over(14, name, 0.05) for name in ("DuckDB", "Polars", "FlexViz")),
    ]


def of_bytes(spread: str, drawer: Drawer, looks: Sequence[Look]) -> list[Bar]:
    shares = [drawer.frame(each).bytes / png_bytes(drawer.grid(each)) for each in looks]
    return [Bar(6, f"bytes a frame over Pillow's PNG, {spread}", statistics.median(shares), 0.5, "Pillow")]


def of_import(spread: str, table: Imported) -> list[Bar]:
    speed = table.version.rows / table.seconds / len(os.sched_getaffinity(0)) / 1e6
    return [
        Bar(7, f"import, million rows a second of a core, {spread}", speed, 2.0, "a limit", most=False),
        Bar(7, f"import, most memory over the setting, {spread}", table.memory / MEMORY, 1.0, "the setting"),
        Bar(8, f"index bytes over column bytes, {spread}", table.index_bytes / table.raw_bytes, 1.5, "raw columns"),
    ]


def of_stretches(spread: str, shapes: Stretches, p50: float) -> list[Bar]:
    """Before the background has made copies of their shapes, as the first times that they are asked for; and after."""
    return [
        Bar(11, f"stretched views p95 over even p50, copies made, {spread}", shapes.p95_copied / p50, 10.0, "itself"),
        Bar(11, f"the same, before copies are made, {spread}", shapes.p95_first / p50, 10.0, "itself"),
    ]


def of_asked(spread: str, pictures: Sequence[Asked]) -> list[Bar]:
    """The first frame, a scan by all cores over one by one core, and then a picture from what the background made."""
    return [
        bar
        for each in pictures
        for bar in (
            Bar(
                12,
                f"{each.name}: first frame, of the sample, ms, {spread}",
                each.first,
                100.0,
                "a limit",
                note="" if each.first is not None else "the exact frame comes first",
            ),
            Bar(12, f"{each.name}: all cores over one, {spread}", each.share, 0.6, "itself"),
            Bar(12, f"{each.name}: once made in the background, over a scan, {spread}", each.made_share, 0.1, "itself"),
        )
    ]
