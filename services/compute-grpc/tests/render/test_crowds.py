"""Rows at one point are counted unread, for counts of all rows alone. Pictures of them are tested with stored tiles."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from compute_rig.memory import MemoryVersion
from compute_rig.rows import GRANT, plan_of
from halftone.v1 import compute_pb2, frame_pb2
from halftone_compute.backends.base import LatticeRegion
from halftone_compute.render.crowds import add_crowds, can_count_unread
from halftone_compute.render.job import RenderJob
from halftone_compute.store.base import Block
from halftone_compute.store.index.leaves import Leaves
from halftone_views.lattice import Address
from halftone_wire import Plane

VERSION = MemoryVersion("v", {"x": np.zeros(1), "y": np.zeros(1)})
COUNTED = RenderJob(GRANT, VERSION, plan_of("count"), {b"1": Address(0, 0, 0, 0)})
AT = np.array([1.5, 300.0, 2.5])
LEAVES = Leaves(np.array([0, 70_000, 140_000, 140_010]), 3, "x", "y", {"x": (AT, AT), "y": (AT, AT)})


@dataclass(frozen=True)
class Nothing:
    """A filter that lets no row through."""

    columns: tuple[str, ...] = ()

    def mask(self, block: Block) -> np.ndarray:
        return np.zeros(0, np.bool_)


def plan(**changes: Any) -> compute_pb2.Plan:  # noqa: ANN401 - fields of a plan
    made = plan_of("count")
    made.MergeFrom(compute_pb2.Plan(**changes))
    return made


LOG = compute_pb2.Axis(transform=compute_pb2.TRANSFORM_LOG10)


@pytest.mark.parametrize(
    ("job", "can"),
    [
        (COUNTED, True),
        (replace(COUNTED, plan=plan_of("any")), True),
        (replace(COUNTED, plan=plan_of("sum")), False),
        (replace(COUNTED, plan=plan_of("by")), False),
        (replace(COUNTED, plan=plan(x=LOG)), False),
        (replace(COUNTED, plan=plan(x=compute_pb2.Axis(column="v"))), False),
        (replace(COUNTED, plan=plan(glyph=compute_pb2.GLYPH_BINS)), False),
        (replace(COUNTED, row_filter=Nothing()), False),
    ],
)
def test_only_counts_of_all_rows_of_the_pair_need_no_reading(job: RenderJob, can: bool) -> None:
    assert can_count_unread(job, LEAVES) is can


def test_each_point_adds_its_rows_to_its_cell() -> None:
    cells = np.ones((256, 256), np.uint32)
    assert LEAVES.crowded.tolist() == [True, True, False]
    region = LatticeRegion(0, 0.0, 0, 0.0, 256, 256)
    # The second point lies outside of the region.
    add_crowds(COUNTED, [Plane(frame_pb2.PLANE_ROLE_COUNT, cells)], region, LEAVES, np.flatnonzero(LEAVES.crowded))
    assert cells[1, 1] == 70_001
    assert cells.sum() == 256 * 256 + 70_000
