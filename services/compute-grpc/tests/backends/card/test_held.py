"""Planes on the GPU: what their bytes say, and what waits for them."""

import numpy as np
from compute_rig.conformance import SUM
from halftone_compute.backends.base import LatticeRegion, Task
from halftone_compute.backends.card.batch import Work
from halftone_compute.backends.card.held import HeldPlanes, aim_of
from halftone_compute.backends.card.planes import layout_of

TASK = Task(LatticeRegion(0, 0.0, 0, 0.0, 3, 2), SUM, "x", "y", 6, value="v", value_dtype=np.dtype("f8"))


def held() -> HeldPlanes[None]:
    layout, size = layout_of(TASK)
    return HeldPlanes(None, layout, size, aim_of(TASK, layout, 4096))


def test_planes_are_read_from_their_own_bytes() -> None:
    made = held()
    raw = np.zeros(made.size, np.uint8)
    raw[made.layout["found"].start :][: 6 * 8].view(np.float64)[:] = np.arange(6.0)
    planes = made.by_name(raw)
    assert planes["found"].tolist() == [0, 1, 2, 3, 4, 5]
    assert not planes["counts"].any()


def test_work_waits_until_it_is_taken() -> None:
    made = held()
    works = [Work("total_f64", b"", 16, (), size) for size in (10, 20)]
    for work in works:
        made.wait(work)
    assert made.bytes_waiting == 30
    assert made.take() == works
    assert (made.take(), made.bytes_waiting) == ([], 0)


def test_an_aim_names_the_planes_of_its_task_alone() -> None:
    made = held()
    target = made.aim.target
    assert target.found == 4096 + made.layout["found"].start
    assert (target.pivots, target.squares) == (0, 0)
