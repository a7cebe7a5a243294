"""How a job is answered: the first strategy that can, in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from halftone_wire import Plane

    from halftone_compute.backends.base import Cancel, FreeRegion, LatticeRegion
    from halftone_compute.render.job import RenderJob


@dataclass(frozen=True, slots=True)
class Gathered:
    """The planes of the region that holds every place of a job, and how they were made.

    `rows` is how many were read, `degraded` why the engine that made it is not the preferred one; empty: it is.
    """

    region: LatticeRegion | FreeRegion
    planes: list[Plane]
    rows: int
    backend: str
    degraded: str


class Strategy(Protocol):
    def gather(self, job: RenderJob, cancel: Cancel) -> Gathered | None:
        """What the job asks for; None when this strategy cannot give it.

        Raises HalftoneError `render_too_large` before memory is taken, `cancelled`, or what the store raises.
        """


class Planner:
    """Tries strategies in order. The last one can answer every job.

    Today that is the scan of all rows (`scan`) alone. A strategy that answers from stored tiles will stand first: it
    reads no rows. One that reads only the rows that an index points at will stand second, before the scan.
    """

    def __init__(self, strategies: Sequence[Strategy]) -> None:
        self._strategies = strategies

    def gather(self, job: RenderJob, cancel: Cancel) -> Gathered:
        """What the job asks for. Raises as the strategies do."""
        for strategy in self._strategies:
            gathered = strategy.gather(job, cancel)
            if gathered is not None:
                return gathered
        raise LookupError("no strategy answers this job")
