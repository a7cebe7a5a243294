"""How a job is answered: each strategy, in order, answers what it can of what is left."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from halftone_wire import Plane

    from halftone_compute.backends.base import Cancel
    from halftone_compute.render.job import RenderJob

# The planes of a piece, or as they lie in a store: a serialised `Piece` that has planes only.
PiecePlanes: TypeAlias = "list[Plane] | bytes"


@dataclass(frozen=True, slots=True)
class Gathered:
    """Some pieces of a job, by id, and how they were made.

    `rows` is how many were read, `tiles` how many stored ones, `degraded` why the engine that made them is not the
    preferred one; empty: it is. With a `fraction` below 1 the pieces are of a sample, that share of the rows, and only
    stand for those of the job.
    """

    pieces: Mapping[bytes, PiecePlanes]
    rows: int
    backend: str
    degraded: str = ""
    tiles: int = 0
    fraction: float = 1.0

    @property
    def is_exact(self) -> bool:
        return self.fraction == 1


class Strategy(Protocol):
    def gather(self, job: RenderJob, cancel: Cancel) -> Gathered | None:
        """Those pieces of the job that this strategy can give; None for none of them.

        Raises HalftoneError `render_too_large` before memory is taken, `cancelled`, or what the store raises.
        """


class Planner:
    """Tries strategies in order: stored tiles (`stored`), a first answer of a sample where the rest takes long
    (`sampled`), then a scan of rows (`scan`), which can answer every job.
    """

    def __init__(self, strategies: Sequence[Strategy]) -> None:
        self._strategies = strategies

    def gather(self, job: RenderJob, cancel: Cancel) -> Iterator[Gathered]:
        """The pieces of the job, as they are made. Raises as the strategies do."""
        left = job
        for strategy in self._strategies:
            gathered = strategy.gather(left, cancel)
            if gathered is None:
                continue
            yield gathered
            if not gathered.is_exact:
                continue
            places = {piece_id: place for piece_id, place in left.places.items() if piece_id not in gathered.pieces}
            if not places:
                return
            left = replace(left, places=places)
        raise LookupError("no strategy answers this job")
