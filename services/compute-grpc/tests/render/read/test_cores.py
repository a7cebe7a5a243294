"""Cores that no scan uses are lent, and go back when scans come. What they make is that of one core."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest
from compute_rig.memory import MemoryVersion
from compute_rig.rows import GRANT, plan_of
from compute_rig.tokens import VERSION
from halftone_compute.backends.base import Cancel
from halftone_compute.backends.cpu.engine import CpuEngine
from halftone_compute.backends.engines import Engines
from halftone_compute.render.cut import region_of
from halftone_compute.render.job import RenderJob
from halftone_compute.render.read import rows as rows_module
from halftone_compute.render.read.cores import Cores
from halftone_compute.render.read.rows import RowReader
from halftone_servicekit.errors import HalftoneError
from halftone_views.lattice import Address
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Iterator

    from halftone_compute.backends.base import Canvas, Task
    from halftone_compute.store.base import Block

DEADLINE_S = 20
RNG = np.random.default_rng(3)
ROWS = 6000
VERSION_OF_MANY_BLOCKS = MemoryVersion(
    VERSION,
    {
        "x": RNG.random(ROWS) * 256,
        "y": RNG.random(ROWS) * 256,
        "v": RNG.integers(-5, 2**60, ROWS),
        "c": RNG.integers(0, 9, ROWS).astype(np.int32),
    },
    {"c": "category"},
    block_rows=500,
)
TILE = Address(0, 0, 0, 0)


class Meeting(CpuEngine):
    """An engine whose first blocks are added by all threads together, so that each has a part."""

    def __init__(self, threads: int) -> None:
        self.threads: set[int] = set()
        self._barrier = threading.Barrier(threads)

    @override
    def open(self, task: Task) -> Canvas:
        return MeetingCanvas(super().open(task), self)

    def meet(self) -> None:
        if threading.get_ident() not in self.threads:
            self.threads.add(threading.get_ident())
            self._barrier.wait(DEADLINE_S)


class MeetingCanvas:
    def __init__(self, canvas: Canvas, engine: Meeting) -> None:
        self._canvas = canvas
        self._engine = engine
        self.planes = canvas.planes

    def add(self, block: Block, cancel: Cancel) -> None:
        self._engine.meet()
        self._canvas.add(block, cancel)


@pytest.fixture
def cores() -> Iterator[Cores]:
    made = Cores(3)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _many_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_module, "BLOCK_ROWS", 500)


def job(reduction: str) -> RenderJob:
    return RenderJob(GRANT, VERSION_OF_MANY_BLOCKS, plan_of(reduction), {b"1": TILE})


def read(reader: RowReader, reduction: str) -> list[np.ndarray]:
    asked = job(reduction)
    found = reader.read(asked, region_of([TILE], asked.plan.glyph), None, Cancel())
    assert found.rows == ROWS
    return [plane.cells for plane in found.planes]


@pytest.mark.parametrize("reduction", ["count", "sum", "mean", "min", "max", "std", "by", "first", "last"])
def test_three_cores_say_what_one_says(cores: Cores, reduction: str) -> None:
    engine = Meeting(3)
    mine = read(RowReader(Engines(engine), 1 << 30, cores), reduction)
    alone = read(RowReader(Engines(CpuEngine()), 1 << 30), reduction)
    assert len(engine.threads) == 3
    for cells, other in zip(mine, alone, strict=True):
        assert cells.dtype == other.dtype
        np.testing.assert_allclose(cells, other, rtol=1e-9 if cells.dtype.kind == "f" else 0)


def test_planes_of_all_cores_fit_into_the_memory_of_a_picture(cores: Cores) -> None:
    cells = 256 * 256 * np.dtype(np.uint32).itemsize
    for most_bytes, threads in ((3 * cells, 3), (3 * cells - 1, 1)):
        engine = Meeting(threads)
        read(RowReader(Engines(engine), most_bytes, cores), "count")
        assert len(engine.threads) == threads


def test_as_many_are_lent_as_are_idle(cores: Cores) -> None:
    gate = threading.Event()

    def work() -> None:
        assert gate.wait(DEADLINE_S)

    with cores.scanning(), cores.scanning():
        loan = cores.lend(work)
        assert loan is not None
        assert cores.lend(work) is None
        wanted_back = [cores.is_wanted_back]
        with cores.scanning():
            wanted_back.append(cores.is_wanted_back)
        assert wanted_back == [False, True]
        gate.set()
        loan.result(DEADLINE_S)
        assert cores.lend(work) is not None


def test_a_cancelled_scan_ends_on_all_cores(cores: Cores) -> None:
    cancel = Cancel()

    class Cancelling(Meeting):
        @override
        def meet(self) -> None:
            super().meet()
            cancel.set()

    asked = job("count")
    with pytest.raises(HalftoneError, match="cancelled"):
        RowReader(Engines(Cancelling(3)), 1 << 30, cores).read(asked, region_of([TILE], asked.plan.glyph), None, cancel)
    with cores.scanning():
        assert cores.lend(lambda: None) is not None
