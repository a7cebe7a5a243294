"""The first strategy that can answer a job does."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from compute_rig.memory import MemoryVersion
from compute_rig.rows import GRANT, plan_of
from compute_rig.tokens import VERSION
from halftone_compute.backends.base import Cancel, LatticeRegion
from halftone_compute.render.job import RenderJob
from halftone_compute.render.planner import Gathered, Planner, Strategy
from halftone_views.lattice import Address
from typing_extensions import override

JOB = RenderJob(
    GRANT, MemoryVersion(VERSION, {"x": np.zeros(1), "y": np.zeros(1)}), plan_of("count"), {b"1": Address(0, 0, 0, 0)}
)


@dataclass
class Known(Strategy):
    """Answers with what it was given, which may be nothing."""

    gathered: Gathered | None
    asked: list[RenderJob] = field(default_factory=list)

    @override
    def gather(self, job: RenderJob, cancel: Cancel) -> Gathered | None:
        self.asked.append(job)
        return self.gathered


def test_strategies_are_tried_in_order() -> None:
    region = LatticeRegion(0, 0.0, 0, 0.0, 256, 256)
    cannot, can, later = Known(None), Known(Gathered(region, [], 0, "cpu", "")), Known(None)
    assert Planner([cannot, can, later]).gather(JOB, Cancel()) is can.gathered
    assert (cannot.asked, can.asked, later.asked) == ([JOB], [JOB], [])


def test_a_job_that_no_strategy_answers_is_an_error() -> None:
    with pytest.raises(LookupError):
        Planner([Known(None)]).gather(JOB, Cancel())
