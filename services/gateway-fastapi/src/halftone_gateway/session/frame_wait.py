"""One requested frame between the session and the broker, with its span."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from halftone.v1.frame_pb2 import Receipt
from halftone_servicekit.errors import HalftoneError

from halftone_gateway.pieces.broker import Broker
from halftone_gateway.pieces.frame_request import FrameRequest, SerialisedPiece
from halftone_gateway.session.effects import Effects, RequestFrame
from halftone_gateway.session.session import Session
from halftone_gateway.session.tracing import FrameSpan

if TYPE_CHECKING:
    from halftone_gateway.pieces.pending_frame import PendingFrame


class FrameWait:
    """Passes on to the session what the broker answers. `ended` is called with the request's id at the last answer."""

    def __init__(
        self,
        effect: RequestFrame,
        session: Session,
        apply: Callable[[Effects], None],
        ended: Callable[[int], None],
    ) -> None:
        self._effect = effect
        self._session = session
        self._apply = apply
        self._ended = ended
        self._span = FrameSpan(effect)
        self._frame: PendingFrame | None = None

    def start(self, broker: Broker) -> None:
        effect = self._effect
        request = FrameRequest(
            effect.granted,
            effect.resolved,
            effect.missing,
            self._span.traceparent,
            effect.approximate,
            self._session.reads_packed,
        )
        self._frame = broker.start(request, self)

    def cancel(self) -> None:
        self._span.end("cancelled")
        if self._frame:
            self._frame.cancel()

    def sampled(self, pieces: Sequence[SerialisedPiece], fraction: float) -> None:
        self._apply(self._session.sampled(self._effect.view_id, self._effect.request_id, pieces, fraction))

    def progressed(self, share: float) -> None:
        self._apply(self._session.progressed(self._effect.view_id, self._effect.request_id, share))

    def arrived(self, pieces: Sequence[SerialisedPiece]) -> None:
        self._apply(self._session.arrived(self._effect.view_id, self._effect.request_id, pieces))

    def finished(self, pieces: Sequence[SerialisedPiece], receipt: Receipt) -> None:
        self._span.end("done")
        self._ended(self._effect.request_id)
        self._apply(self._session.finished(self._effect.view_id, self._effect.request_id, pieces, receipt))

    def failed(self, error: HalftoneError) -> None:
        self._span.end(error.code)
        self._ended(self._effect.request_id)
        self._apply(self._session.failed(self._effect.view_id, self._effect.request_id, error))
