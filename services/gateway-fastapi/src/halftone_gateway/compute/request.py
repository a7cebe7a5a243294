"""A request to compute on its way, and who receives its answer."""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from halftone.v1.compute_pb2 import EncodedPiece, RenderAsk, SampledPieces
from halftone.v1.frame_pb2 import Receipt
from halftone_servicekit.errors import HalftoneError

from halftone_gateway.compute.stream import Stream


class Receiver(Protocol):
    """Receives the answer to a request; nothing follows `done` or `failed`. `sampled` and `progressed` only come when
    asked for.
    """

    def sampled(self, sampled: SampledPieces) -> None: ...
    def progressed(self, share: float) -> None: ...
    def pieces(self, pieces: list[EncodedPiece]) -> None: ...
    def done(self, receipt: Receipt) -> None: ...
    def failed(self, error: HalftoneError) -> None: ...


@dataclass(slots=True, eq=False)
class Request:
    """What is asked and where it is; without a stream it waits for a service. `deadline` is on the event loop's clock.

    `attempts` counts calls that broke after the request was written on them.
    """

    ask: RenderAsk
    key: str
    receiver: Receiver
    deadline: float
    stream: Stream | None = None
    written: bool = False
    attempts: int = 0
    was_overloaded: bool = False
    timer: asyncio.TimerHandle | None = field(default=None, repr=False)
