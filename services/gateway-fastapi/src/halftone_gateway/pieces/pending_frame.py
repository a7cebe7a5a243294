"""A frame that waits for its pieces: what has come of them, and what its listener is sent."""

import time
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Protocol

from halftone.v1.frame_pb2 import Receipt
from halftone_servicekit.errors import HalftoneError

from halftone_gateway.metrics import RENDER_SECONDS
from halftone_gateway.pieces.frame_request import FrameRequest, SerialisedPiece
from halftone_gateway.pieces.receipts import receipt_of
from halftone_gateway.pieces.unplaced import KnownUnplaced


class FrameListener(Protocol):
    """Receives the pieces of a frame; nothing follows `finished` or `failed`.

    `sampled` brings pieces of a sample, of that share of the rows, to be shown until the frame's own come: where these
    take long, and only when asked for, as `progressed` does, with the share of the work that is done.
    """

    def sampled(self, pieces: Sequence[SerialisedPiece], fraction: float) -> None: ...
    def progressed(self, share: float) -> None: ...
    def arrived(self, pieces: Sequence[SerialisedPiece]) -> None: ...
    def finished(self, pieces: Sequence[SerialisedPiece], receipt: Receipt) -> None: ...
    def failed(self, error: HalftoneError) -> None: ...


class FrameFetch(Protocol):
    """What a frame knows of a fetch: how much of it is done, and how to leave it."""

    @property
    def share(self) -> float: ...
    def leave(self, frame: "PendingFrame") -> None: ...
    def forget_learner(self, frame: "PendingFrame") -> None: ...


class FrameBroker(Protocol):
    """Where the pieces of a frame come from. `launch` joins or starts fetches for all that the frame awaits."""

    @property
    def unplaced(self) -> KnownUnplaced: ...
    def launch(self, frame: "PendingFrame") -> None: ...
    def fetches_of(self, frame: "PendingFrame") -> AbstractSet[FrameFetch]: ...


class PendingFrame:
    """One frame that waits for its pieces. `own` are the fetches it started, others it may have joined."""

    def __init__(self, broker: FrameBroker, request: FrameRequest, listener: FrameListener) -> None:
        self.request = request
        self.receipts: list[Receipt] = []
        self.own: set[FrameFetch] = set()
        # Fetches of other frames whose receipt will say what nothing else does: which rows have no place.
        self.joined: set[FrameFetch] = set()
        self._broker = broker
        self._listener = listener
        self._started = time.perf_counter()
        ids = request.resolved.piece_ids
        self._awaited: dict[bytes, int] = {ids[place]: place for place in request.missing}
        # A piece that compute is asked for, whatever holds it, so that its receipt comes; None: no need.
        self.asked_anew: bytes | None = None
        self._ready: list[SerialisedPiece] = []
        self._retried = False
        self._cached = 0
        self._over = False

    @property
    def awaited(self) -> dict[bytes, int]:
        """Places of the pieces that have not arrived, by id."""
        return self._awaited

    def ask_anew(self) -> None:
        """Awaits one piece from compute itself: one that the client lacks, else the first."""
        place = self.request.missing[0] if self.request.missing else 0
        self.asked_anew = self.request.resolved.piece_ids[place]
        self._awaited[self.asked_anew] = place

    def take_cached(self, pieces: list[SerialisedPiece]) -> None:
        """Pieces from the cache. They are passed on at once when others are still to be fetched."""
        self._cached = len(pieces)
        for piece_id, _ in pieces:
            del self._awaited[piece_id]
        if pieces and self._awaited:
            self._listener.arrived(pieces)
        else:
            self._ready = pieces

    def take(self, pieces: list[SerialisedPiece], *, cached: bool) -> None:
        """Fetched pieces. The latest batch is kept back: the end of the frame mostly follows and takes it along."""
        fresh = [serialised for serialised in pieces if self._awaited.pop(serialised[0], None) is not None]
        if not fresh:
            return
        self._cached += len(fresh) if cached else 0
        if self._ready:
            self._listener.arrived(self._ready)
        self._ready = fresh

    def sample(self, sampled: Mapping[bytes, SerialisedPiece], fraction: float) -> None:
        """Pieces of a sample, by the id of the piece that each stands for. One that the client holds needs none."""
        missing = set(self.request.missing)
        pieces = [sampled[own] for own, place in self._awaited.items() if own in sampled and place in missing]
        if pieces and self.request.approximate and not self._over:
            self._listener.sampled(pieces, fraction)

    def progress(self) -> None:
        """A fetch has come further: the share of the one that is least far counts."""
        if self.request.approximate and not self._over:
            self._listener.progressed(min((fetch.share for fetch in self._broker.fetches_of(self)), default=0.0))

    def settle(self) -> None:
        """Finishes the frame when every piece has arrived."""
        if self._over or self._awaited or self.own or self.joined:
            return
        self._over = True
        elapsed = time.perf_counter() - self._started
        RENDER_SECONDS.observe(elapsed)
        unplaced = self._broker.unplaced.of(self.request)
        receipt = receipt_of(self.request, self.receipts, self._cached, elapsed * 1000, unplaced)
        self._listener.finished(self._ready, receipt)

    def fail(self, error: HalftoneError, *, own: bool) -> None:
        """A fetch failed. Retry a joined fetch once as our own."""
        if self._over:
            return
        if not own and not self._retried:
            self._retried = True
            self._broker.launch(self)
            return
        self.cancel()
        self._listener.failed(error)

    def cancel(self) -> None:
        """Leaves every fetch; the listener is not called any more."""
        self._over = True
        for fetch in self._broker.fetches_of(self) | self.own:
            fetch.leave(self)
        for fetch in self.joined:
            fetch.forget_learner(self)
        self.own.clear()
        self.joined.clear()
