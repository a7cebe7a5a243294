"""The scan: all pieces of a job out of one pass over the rows near them."""

import numpy as np
from compute_rig.memory import MemoryVersion
from compute_rig.rows import GRANT, plan_of, scan_by
from compute_rig.tokens import VERSION
from halftone_compute.backends.base import Cancel
from halftone_compute.backends.cpu.engine import CpuEngine
from halftone_compute.render.job import RenderJob
from halftone_compute.render.planner import Gathered
from halftone_views.lattice import Address

RNG = np.random.default_rng(3)
ROWS = 3000
VALUES = RNG.normal(size=ROWS)
POINTS = MemoryVersion(VERSION, {"x": RNG.random(ROWS) * 512, "y": RNG.random(ROWS) * 256, "v": VALUES})
LEFT, RIGHT = Address(0, 0, 0, 0), Address(0, 1, 0, 0)


def gathered(*places: Address) -> tuple[Gathered, dict[bytes, np.ndarray]]:
    """What was gathered, and the sums of each piece."""
    job = RenderJob(GRANT, POINTS, plan_of("sum"), {str(place.ix).encode(): place for place in places})
    made = scan_by(CpuEngine()).gather(job, Cancel())
    return made, {piece_id: planes[2].cells for piece_id, planes in made.pieces.items() if isinstance(planes, list)}


def test_several_pieces_take_one_pass() -> None:
    both, sums = gathered(LEFT, RIGHT)
    assert (both.rows, both.tiles, both.backend) == (ROWS, 0, "cpu")
    for piece_id, place in ((b"0", LEFT), (b"1", RIGHT)):
        np.testing.assert_array_equal(sums[piece_id], gathered(place)[1][piece_id])
    assert np.isclose(sum(each.sum() for each in sums.values()), VALUES.sum())
