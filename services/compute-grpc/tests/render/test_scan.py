"""The scan: pieces of a job out of one pass over the rows near them, or a pass for each group that fits in memory."""

import weakref
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from compute_rig.indexed import write_indexed
from compute_rig.memory import MemoryVersion
from compute_rig.rows import GRANT, plan_of, scan_by
from compute_rig.tokens import VERSION
from halftone.v1 import compute_pb2
from halftone_compute.backends.base import Cancel, Canvas, LatticeRegion, Task
from halftone_compute.backends.cpu.engine import CpuEngine
from halftone_compute.backends.engines import Engines
from halftone_compute.render.job import RenderJob
from halftone_compute.render.planner import Gathered
from halftone_compute.render.read.rows import task_of
from halftone_compute.render.renderer import Renderer
from halftone_compute.store.base import Block
from halftone_compute.store.versions import LocalStore
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_views.lattice import Address
from halftone_wire import Plane
from typing_extensions import override

RNG = np.random.default_rng(3)
ROWS = 3000
VALUES = RNG.normal(size=ROWS)
POINTS = MemoryVersion(VERSION, {"x": RNG.random(ROWS) * 512, "y": RNG.random(ROWS) * 256, "v": VALUES})
LEFT, RIGHT = Address(0, 0, 0, 0), Address(0, 1, 0, 0)


def gathered(*places: Address) -> tuple[Gathered, dict[bytes, np.ndarray]]:
    """What was gathered, and the sums of each piece."""
    job = RenderJob(GRANT, POINTS, plan_of("sum"), {str(place.ix).encode(): place for place in places})
    [made] = scan_by(CpuEngine()).gather(job, Cancel())
    return made, {piece_id: planes[2].cells for piece_id, planes in made.pieces.items() if isinstance(planes, list)}


def test_several_pieces_take_one_pass() -> None:
    both, sums = gathered(LEFT, RIGHT)
    assert (both.rows, both.tiles, both.backend) == (ROWS, 0, "cpu")
    for piece_id, place in ((b"0", LEFT), (b"1", RIGHT)):
        np.testing.assert_array_equal(sums[piece_id], gathered(place)[1][piece_id])
    assert np.isclose(sum(each.sum() for each in sums.values()), VALUES.sum())


# Six columns and four rows of tiles that hold rows, and a category of more codes than planes.
SCREEN = {f"{ix} {iy}".encode(): Address(0, ix, 0, iy) for ix, iy in product(range(6), range(4))}
MANY = MemoryVersion(
    VERSION,
    {
        "x": RNG.normal(768, 300, 40_000),
        "y": RNG.normal(512, 200, 40_000),
        "v": RNG.normal(size=40_000),
        "c": RNG.integers(0, 256, 40_000).astype(np.int32),
    },
    {"c": "category"},
)
QUESTIONS = [("mean", "c"), ("std", "c"), ("first", "c"), ("min", ""), ("std", ""), ("by", "")]


class Recording(CpuEngine):
    """Knows the regions of its canvases, and how many planes of earlier ones are still in memory when one opens."""

    def __init__(self) -> None:
        self.regions: list[LatticeRegion] = []
        self.left: list[int] = []
        self._planes: list[weakref.ref[np.ndarray]] = []

    @override
    def open(self, task: Task) -> Canvas:
        assert isinstance(task.region, LatticeRegion)
        self.regions.append(task.region)
        self.left.append(sum(plane() is not None for plane in self._planes))
        return _Recorded(super().open(task), self._planes)


class _Recorded(Canvas):
    def __init__(self, canvas: Canvas, planes: list[weakref.ref[np.ndarray]]) -> None:
        self._canvas = canvas
        self._planes = planes

    @override
    def add(self, block: Block, cancel: Cancel) -> None:
        self._canvas.add(block, cancel)

    @override
    def planes(self) -> list[Plane]:
        planes = self._canvas.planes()
        self._planes += [weakref.ref(plane.cells if plane.cells.base is None else plane.cells.base) for plane in planes]
        return planes


def screen(reduction: str, category: str = "", *, flat: bool = False) -> RenderJob:
    plan = plan_of(reduction, category=category, other=bool(category), flat=flat)
    places = {piece_id: replace(place, ey=0, iy=0) for piece_id, place in SCREEN.items() if not flat or not place.iy}
    return RenderJob(GRANT, MANY, plan, places if flat else SCREEN)


def bytes_of(job: RenderJob, tiles: int) -> int:
    """What the planes of so many tiles take."""
    region = LatticeRegion(0, 0, 0, 0, tiles * 256, 1 if job.plan.glyph == compute_pb2.GLYPH_BINS else 256)
    return CpuEngine().needs(task_of(job, region, np.dtype(np.float64)))


def cells_of(parts: list[Gathered]) -> dict[bytes, list[np.ndarray]]:
    return {
        piece_id: [plane.cells for plane in planes]
        for part in parts
        for piece_id, planes in part.pieces.items()
        if isinstance(planes, list)
    }


@pytest.mark.parametrize("flat", [False, True], ids=["points", "bins"])
@pytest.mark.parametrize(("reduction", "category"), QUESTIONS)
@pytest.mark.parametrize(("tiles", "groups", "bins"), [(24, 1, 1), (8, 3, 1), (5, 6, 2), (1, 24, 6)])
def test_groups_that_fit_are_equal_to_one_scan_cell_by_cell(
    reduction: str, category: str, tiles: int, groups: int, bins: int, *, flat: bool
) -> None:
    job = screen(reduction, category, flat=flat)
    [whole] = scan_by(CpuEngine()).gather(job, Cancel())
    parts = list(scan_by(CpuEngine(), bytes_of(job, tiles)).gather(job, Cancel()))
    assert [part.rows for part in parts] == [MANY.rows] * (bins if flat else groups)
    expected, found = cells_of([whole]), cells_of(parts)
    assert found.keys() == expected.keys() == job.places.keys()
    for piece_id, planes in expected.items():
        for mine, other in zip(found[piece_id], planes, strict=True):
            assert mine.dtype == other.dtype
            np.testing.assert_array_equal(mine, other)


def test_each_group_reads_only_the_rows_near_it(tmp_path: Path) -> None:
    opened = LocalStore(tmp_path).open(write_indexed(tmp_path, {name: MANY.values[name] for name in "xyv"}).grant())
    job = replace(screen("mean"), version=opened)
    [whole] = scan_by(CpuEngine()).gather(job, Cancel())
    parts = list(scan_by(CpuEngine(), bytes_of(job, 8)).gather(job, Cancel()))
    assert len(parts) == 3
    for piece_id, planes in cells_of([whole]).items():
        for mine, other in zip(cells_of(parts)[piece_id], planes, strict=True):
            np.testing.assert_array_equal(mine, other)


def test_no_group_takes_more_memory_than_a_picture_may() -> None:
    engine, job = Recording(), screen("mean", "c")
    Renderer(Engines(engine), bytes_of(job, 8)).render(job, Cancel(), lambda piece: None)
    assert [(region.width // 256, region.height // 256) for region in engine.regions] == [(2, 4)] * 3
    assert engine.left == [0, 0, 0]


def test_the_share_that_is_done_is_of_all_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("halftone_compute.render.read.rows.BLOCK_ROWS", 1)
    version = replace(MANY, block_rows=10_000)
    job, cancel, shares = replace(screen("mean"), version=version), Cancel(), list[float]()
    for _ in scan_by(CpuEngine(), bytes_of(job, 8)).gather(job, cancel):
        shares.append(round(cancel.share, 3))
    # Each group is a third, and a block is done when the next one is asked for.
    assert shares == [round((group + 0.75) / 3, 3) for group in range(3)]
    assert cancel.share == 1


def test_a_job_that_is_given_up_ends_between_groups() -> None:
    cancel, version = Cancel(), replace(MANY, passes=0)
    job = replace(screen("mean"), version=version)
    parts = scan_by(CpuEngine(), bytes_of(job, 8)).gather(job, cancel)
    next(parts)
    cancel.set()
    with pytest.raises(HalftoneError) as caught:
        next(parts)
    assert caught.value.code is ErrorCode.CANCELLED
    assert version.passes == 1
