"""Reading rows: what it asks of an engine, and what a filter leaves out. Exactness is tested with the renderer."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from compute_rig.conformance import COUNT, planes
from compute_rig.host_device import HostDevice
from compute_rig.memory import MemoryVersion
from compute_rig.rows import GRANT, plan_of, scan_by
from compute_rig.tokens import VERSION
from halftone.v1 import compute_pb2
from halftone_compute.backends.base import Cancel, Engine
from halftone_compute.backends.card import CardEngine
from halftone_compute.backends.cpu.engine import CpuEngine
from halftone_compute.render.cut import region_of
from halftone_compute.render.job import RenderJob
from halftone_compute.render.read.rows import kept, task_of
from halftone_compute.store.base import Block
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_views.lattice import Address, Viewport

RNG = np.random.default_rng(3)
ROWS = {
    "x": RNG.random(3000) * 256,
    "y": RNG.random(3000) * 256,
    "v": RNG.normal(size=3000).astype("f4"),
    "c": RNG.integers(0, 3, 3000).astype(np.int32),
    "w": RNG.integers(0, 10, 3000),
}
TILE, VIEW = Address(0, 0, 0, 0), Viewport(10.0, 200.0, 5.0, 250.0, 30, 20, exact=True)
REGION = region_of([TILE], compute_pb2.GLYPH_POINTS)


@dataclass(frozen=True)
class Below:
    """Rows whose w lies below a limit."""

    limit: int
    columns: tuple[str, ...] = ("w",)

    def mask(self, block: Block) -> np.ndarray:
        below: np.ndarray = block.values["w"] < self.limit
        return below


def job(reduction: str = "count", **changes: Any) -> RenderJob:  # noqa: ANN401 - passed on as they are
    version = MemoryVersion(VERSION, ROWS, {"c": "category"}, block_rows=700)
    made = RenderJob(GRANT, version, plan_of(reduction), {b"1": TILE})
    return replace(made, **changes)


@pytest.mark.parametrize("place", [TILE, VIEW], ids=["tile", "free"])
@pytest.mark.parametrize("reduction", ["count", "sum", "max", "by"])
@pytest.mark.parametrize("engine", [CpuEngine(), CardEngine(HostDevice(), 1 << 24)], ids=["cpu", "gpu"])
def test_rows_that_a_filter_leaves_out_count_nowhere(engine: Engine, reduction: str, place: Address | Viewport) -> None:
    scan = scan_by(engine)
    for limit in (10, 4, 0):
        filtered = job(reduction, places={b"1": place}, row_filter=Below(limit))
        [found] = scan.gather(filtered, Cancel())
        mine_planes = found.pieces[b"1"]
        assert isinstance(mine_planes, list)
        mask = ROWS["w"] < limit
        task = task_of(filtered, region_of([place], filtered.plan.glyph), ROWS["v"].dtype)
        expected = planes(engine, task, Block(0, {name: values[mask] for name, values in ROWS.items()}, {}))
        for mine, other in zip(mine_planes, expected, strict=True):
            np.testing.assert_allclose(mine.cells, other.cells, rtol=1e-6, atol=1e-9)
        assert found.rows == 3000
        assert (mine_planes[0].cells.sum() > 0) == (limit > 0)


def test_what_a_filter_lets_through_is_kept_by_no_engine() -> None:
    valid = np.arange(5) > 0
    block = Block(7, {"w": np.arange(5)}, {"w": valid}, "version")
    found = kept(block, Below(2))
    assert (found.values["w"].tolist(), found.valid["w"].tolist()) == ([0, 1], [False, True])
    assert (found.start, found.version) == (7, "")


def test_a_task_names_what_the_plan_asks_for() -> None:
    summed = task_of(job("sum"), REGION, np.dtype("f4"))
    assert (summed.value, summed.value_dtype, summed.category) == ("v", np.dtype("f4"), None)
    by = task_of(job("by"), REGION, np.dtype("f4"))
    assert (by.value, by.category, by.categories) == (None, "c", 16)
    x = compute_pb2.Axis(column="x", transform=compute_pb2.TRANSFORM_LINEAR)
    bins = compute_pb2.Plan(glyph=compute_pb2.GLYPH_BINS, x=x, accumulators=COUNT, value="v", category_planes=3)
    counted = job(plan=bins)
    task = task_of(counted, REGION, np.dtype("f4"))
    assert (task.y, task.value, task.category, task.categories) == (None, None, None, 0)


def test_arrays_of_different_lengths_are_damaged_data() -> None:
    broken = MemoryVersion(VERSION, {**ROWS, "y": ROWS["y"][:-1]})
    with pytest.raises(HalftoneError) as caught:
        list(scan_by(CpuEngine()).gather(job(version=broken), Cancel()))
    assert caught.value.code is ErrorCode.DATA_CORRUPT
