"""How a job is answered: each strategy, in order, answers what it can of what is left."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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

    pieces: dict[bytes, PiecePlanes]
    rows: int
    backend: str
    degraded: str = ""
    tiles: int = 0
    fraction: float = 1.0

    @property
    def is_exact(self) -> bool:
        return self.fraction == 1

    def taken(self) -> Iterator[tuple[bytes, PiecePlanes]]:
        """Takes the pieces out one by one: none holds memory while the next ones are made."""
        while self.pieces:
            piece_id = next(iter(self.pieces))
            yield piece_id, self.pieces.pop(piece_id)


class Strategy(Protocol):
    def gather(self, job: RenderJob, cancel: Cancel) -> Iterator[Gathered]:
        """Those pieces of the job that this strategy can give, so many at a time that their planes fit in memory.

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
        left = dict(job.places)
        for strategy in self._strategies:
            for gathered in strategy.gather(replace(job, places=dict(left)), cancel):
                for piece_id in gathered.pieces if gathered.is_exact else ():
                    del left[piece_id]
                yield gathered
            if not left:
                return
        raise LookupError("no strategy answers this job")
