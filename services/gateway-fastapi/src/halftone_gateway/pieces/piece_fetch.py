"""One request to compute for pieces that frames share: what comes of it goes to the frames that wait for it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import structlog
from halftone.v1.compute_pb2 import EncodedPiece, SampledPieces
from halftone.v1.frame_pb2 import Receipt
from halftone_servicekit.errors import HalftoneError

from halftone_gateway.metrics import PIECES
from halftone_gateway.pieces.frame_request import SerialisedPiece
from halftone_gateway.pieces.pending_frame import PendingFrame
from halftone_gateway.pieces.unplaced import KnownUnplaced

if TYPE_CHECKING:
    import asyncio

log = structlog.get_logger(__name__)


class FetchBroker(Protocol):
    """Where a fetch hands its pieces. `arrived` and `ended` give the frames that waited for a piece, or for any."""

    @property
    def unplaced(self) -> KnownUnplaced: ...
    def arrived(self, fetch: "PieceFetch", serialised: SerialisedPiece) -> set[PendingFrame]: ...
    def share(self, fetch: "PieceFetch", pieces: Iterable[SerialisedPiece]) -> None: ...
    def ended(self, fetch: "PieceFetch") -> set[PendingFrame]: ...
    def cancel(self, fetch: "PieceFetch") -> None: ...


class PieceFetch:
    """One request to compute, with the frames that wait for each of its pieces."""

    def __init__(
        self, broker: FetchBroker, owner: PendingFrame, request_id: int, key: str, piece_ids: Iterable[bytes]
    ) -> None:
        self.owner = owner
        self.request_id = request_id
        self.key = key
        self.scope = owner.request.scope
        self.places = {piece_id: owner.awaited[piece_id] for piece_id in piece_ids}
        self.waiting: dict[bytes, set[PendingFrame]] = {piece_id: {owner} for piece_id in self.places}
        # Frames of other owners that wait for the receipt.
        self.learning: set[PendingFrame] = set()
        self.lookup: asyncio.Task[None] | None = None
        self.share = 0.0
        # Pieces of a sample that compute has sent, by the id of the piece that each stands for.
        self._sampled: dict[bytes, SerialisedPiece] = {}
        self._fraction = 0.0
        self._broker = broker

    def found(self, pieces: Mapping[bytes, bytes]) -> None:
        """Pieces from the shared cache."""
        known = [serialised for serialised in pieces.items() if serialised[0] in self.waiting]
        PIECES.labels("redis").inc(len(known))
        self._hand_out(known, cached=True)

    def sampled(self, sampled: SampledPieces) -> None:
        """Pieces of a sample, from compute. No cache gets them."""
        self._sampled |= {piece.stands_for: (piece.piece_id, piece.piece) for piece in sampled.pieces}
        self._fraction = sampled.fraction
        for frame in self._frames():
            frame.sample(self._sampled, self._fraction)

    def progressed(self, share: float) -> None:
        self.share = share
        for frame in self._frames():
            frame.progress()

    def catch_up(self, frame: PendingFrame) -> None:
        """Hands out what came before this frame joined, beside the pieces."""
        if self._sampled:
            frame.sample(self._sampled, self._fraction)

    def pieces(self, pieces: list[EncodedPiece]) -> None:
        """Pieces from compute; a request that was moved to another service may bring a piece twice."""
        if stray := sum(piece.piece_id not in self.places for piece in pieces):
            log.error("compute_sent_unrequested_pieces", request_id=self.request_id, count=stray)
        known = [(piece.piece_id, piece.piece) for piece in pieces if piece.piece_id in self.waiting]
        PIECES.labels("compute").inc(len(known))
        self._broker.share(self, known)
        self._hand_out(known, cached=False)

    def complete(self) -> None:
        """The shared cache had everything that is still waited for."""
        self.owner.own.discard(self)
        self.owner.settle()

    def done(self, receipt: Receipt) -> None:
        left = self._broker.ended(self)
        self._broker.unplaced.learn(self.owner.request, receipt)
        self.owner.receipts.append(receipt)
        self.owner.own.discard(self)
        if left:
            error = HalftoneError("internal", "The compute service left out a piece.")
            for frame in left:
                frame.fail(error, own=frame is self.owner)
        self.owner.settle()
        self.released()

    def failed(self, error: HalftoneError) -> None:
        frames = self._broker.ended(self) | {self.owner}
        self.owner.own.discard(self)
        for frame in frames:
            frame.fail(error, own=frame is self.owner)
        self.released()

    def leave(self, frame: PendingFrame) -> None:
        """A frame needs nothing more: a fetch that no other frame needs is cancelled."""
        for frames in self.waiting.values():
            frames.discard(frame)
        if not self._frames():
            self._broker.cancel(self)
            self.released()

    def forget_learner(self, frame: PendingFrame) -> None:
        """A frame of another owner waits for the receipt no longer."""
        self.learning.discard(frame)

    def released(self) -> None:
        """There will be no receipt, or it has come: frames of other owners wait for it no longer."""
        learning, self.learning = self.learning, set()
        for frame in learning:
            frame.joined.discard(self)
            frame.settle()

    def _hand_out(self, pieces: Sequence[SerialisedPiece], *, cached: bool) -> None:
        takers: defaultdict[PendingFrame, list[SerialisedPiece]] = defaultdict(list)
        for serialised in pieces:
            for frame in self._broker.arrived(self, serialised):
                takers[frame].append(serialised)
        for frame, taken in takers.items():
            frame.take(taken, cached=cached)
            if frame is not self.owner:
                frame.settle()

    def _frames(self) -> set[PendingFrame]:
        return set().union(*self.waiting.values())
