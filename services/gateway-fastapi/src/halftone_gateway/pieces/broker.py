"""From a requested frame to its pieces: cached ones, ones that are being fetched, and the rest from compute.

Frames that need the same piece share one fetch; a fetch is cancelled when the last frame that needs it is cancelled.
Where gateways share a cache, a fetch looks there first, and asks compute for the pieces it did not find.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import Final, Protocol
from uuid import uuid4

import structlog
from halftone.v1.compute_pb2 import EncodedPiece, RenderAsk, SampledPieces
from halftone.v1.frame_pb2 import CODEC_PACKED, Receipt
from halftone_servicekit.errors import HalftoneError

from halftone_gateway.compute.discovery.affinity import block_key
from halftone_gateway.compute.pool import Pool
from halftone_gateway.metrics import PIECES, RENDER_SECONDS
from halftone_gateway.pieces.cache import PieceCache, Scope
from halftone_gateway.pieces.frame_request import FrameRequest, SerialisedPiece
from halftone_gateway.pieces.receipts import receipt_of
from halftone_gateway.pieces.unplaced import KnownUnplaced

# Part of every view key, so that fetches of two gateways never replace each other in compute's queue.
_PROCESS: Final = uuid4().hex

log = structlog.get_logger(__name__)


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


class Shared(Protocol):
    """A cache that several gateways share. `get` raises nothing and takes little time; `put` does not wait."""

    @property
    def is_up(self) -> bool: ...
    async def get(self, piece_ids: Sequence[bytes], scope: Scope) -> Mapping[bytes, bytes]: ...
    def put(self, piece_id: bytes, scope: Scope, piece: bytes) -> None: ...


class PendingFrame:
    """One frame that waits for its pieces. `own` are the fetches it started, others it may have joined."""

    def __init__(self, broker: "Broker", request: FrameRequest, listener: FrameListener) -> None:
        self.request = request
        self.receipts: list[Receipt] = []
        self.own: set[PieceFetch] = set()
        # Fetches of other frames whose receipt will say what nothing else does: which rows have no place.
        self.joined: set[PieceFetch] = set()
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
        self._broker.leave(self)


class PieceFetch:
    """One request to compute, with the frames that wait for each of its pieces."""

    def __init__(
        self, broker: "Broker", owner: PendingFrame, request_id: int, key: str, piece_ids: Iterable[bytes]
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

    def _frames(self) -> set[PendingFrame]:
        return set().union(*self.waiting.values())

    def pieces(self, pieces: list[EncodedPiece]) -> None:
        """Pieces from compute; a request that was moved to another service may bring a piece twice."""
        if stray := sum(piece.piece_id not in self.places for piece in pieces):
            log.error("compute_sent_unrequested_pieces", request_id=self.request_id, count=stray)
        known = [(piece.piece_id, piece.piece) for piece in pieces if piece.piece_id in self.waiting]
        PIECES.labels("compute").inc(len(known))
        self._broker.share(self, known)
        self._hand_out(known, cached=False)

    def _hand_out(self, pieces: Sequence[SerialisedPiece], *, cached: bool) -> None:
        takers: defaultdict[PendingFrame, list[SerialisedPiece]] = defaultdict(list)
        for serialised in pieces:
            for frame in self._broker.arrived(self, serialised):
                takers[frame].append(serialised)
        for frame, taken in takers.items():
            frame.take(taken, cached=cached)
            if frame is not self.owner:
                frame.settle()

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

    def released(self) -> None:
        """There will be no receipt, or it has come: frames of other owners wait for it no longer."""
        learning, self.learning = self.learning, set()
        for frame in learning:
            frame.joined.discard(self)
            frame.settle()


class Broker:
    """The pieces of the process."""

    def __init__(self, cache: PieceCache, shared: Shared | None, pool: Pool, deadline_ms: int) -> None:
        self.unplaced = KnownUnplaced()
        self._cache = cache
        self._shared = shared
        self._pool = pool
        self._deadline_ms = deadline_ms
        self._fetches: dict[tuple[Scope, bytes], PieceFetch] = {}
        self._numbers = count(1)

    def start(self, request: FrameRequest, listener: FrameListener) -> PendingFrame:
        """Gets the pieces of a frame. The listener is called within this call when every piece is cached."""
        frame = PendingFrame(self, request, listener)
        if self.unplaced.is_to_ask(request):
            frame.ask_anew()
        cached = [
            (piece_id, piece)
            for piece_id in frame.awaited
            if piece_id != frame.asked_anew and (piece := self._cache.get(piece_id, request.scope)) is not None
        ]
        PIECES.labels("held").inc(len(request.resolved.piece_ids) - len(request.missing))
        PIECES.labels("cache").inc(len(cached))
        frame.take_cached(cached)
        self.launch(frame)
        frame.settle()
        return frame

    def launch(self, frame: PendingFrame) -> None:
        """Joins the fetches of pieces that the frame awaits, and starts new ones for the rest."""
        scope = frame.request.scope
        blocks: defaultdict[str, list[bytes]] = defaultdict(list)
        joined: set[PieceFetch] = set()
        addresses = frame.request.resolved.addresses
        for piece_id, place in frame.awaited.items():
            fetch = self._fetches.get((scope, piece_id))
            if fetch is not None:
                fetch.waiting[piece_id].add(frame)
                if frame.asked_anew is not None:
                    fetch.learning.add(frame)
                    frame.joined.add(fetch)
                PIECES.labels("shared").inc()
                joined.add(fetch)
                continue
            address = addresses[place].to_proto() if addresses is not None else None
            blocks[block_key(scope.version_id, address)].append(piece_id)
        for fetch in joined:
            fetch.catch_up(frame)
        for key, piece_ids in self._grouped(blocks):
            self._fetch(frame, key, piece_ids)

    def _grouped(self, blocks: Mapping[str, list[bytes]]) -> Iterable[tuple[str, list[bytes]]]:
        """Blocks that go to the same service, as one, under the key of the first: the service scans the rows once."""
        groups: dict[str, tuple[str, list[bytes]]] = {}
        for key, piece_ids in blocks.items():
            choice = self._pool.prefer(key)
            groups.setdefault(choice.target if choice else "", (key, []))[1].extend(piece_ids)
        return groups.values()

    def _fetch(self, frame: PendingFrame, key: str, piece_ids: list[bytes]) -> None:
        fetch = PieceFetch(self, frame, next(self._numbers), key, piece_ids)
        frame.own.add(fetch)
        for piece_id in piece_ids:
            self._fetches[fetch.scope, piece_id] = fetch
        if frame.asked_anew not in piece_ids and self._shared is not None and self._shared.is_up:
            fetch.lookup = asyncio.create_task(self._look_up(self._shared, fetch))
        else:
            self._ask(fetch)

    async def _look_up(self, shared: Shared, fetch: PieceFetch) -> None:
        fetch.found(await shared.get(list(fetch.waiting), fetch.scope))
        # Frames may have been cancelled meanwhile.
        for piece_id in [piece_id for piece_id, frames in fetch.waiting.items() if not frames]:
            self._forget(fetch, piece_id)
        if fetch.waiting:
            self._ask(fetch)
        else:
            fetch.complete()

    def _ask(self, fetch: PieceFetch) -> None:
        request = fetch.owner.request
        resolved = request.resolved
        ask = RenderAsk(
            request_id=fetch.request_id,
            deadline_ms=self._deadline_ms,
            grant=request.granted.token,
            plan=resolved.plan,
            view_key=f"{_PROCESS}/{fetch.request_id}",
            traceparent=request.traceparent,
            approximate=request.approximate,
            codecs=[CODEC_PACKED] if request.packed else [],
        )
        if resolved.addresses is None:
            ask.whole.CopyFrom(resolved.viewport.to_proto())
        else:
            ask.tiles.extend(resolved.addresses[fetch.places[piece_id]].to_proto() for piece_id in fetch.waiting)
        self._pool.ask(ask, fetch.key, fetch)

    # Called by fetches and frames

    def arrived(self, fetch: PieceFetch, serialised: SerialisedPiece) -> set[PendingFrame]:
        """Caches a piece; the frames that waited for it."""
        piece_id, piece = serialised
        self._cache.put(piece_id, fetch.scope, piece)
        return self._forget(fetch, piece_id)

    def share(self, fetch: PieceFetch, pieces: Iterable[SerialisedPiece]) -> None:
        """Gives pieces to the other gateways too."""
        if self._shared is not None:
            for piece_id, piece in pieces:
                self._shared.put(piece_id, fetch.scope, piece)

    def ended(self, fetch: PieceFetch) -> set[PendingFrame]:
        """A fetch is over: the frames that still waited for a piece of it."""
        return set().union(*(self._forget(fetch, piece_id) for piece_id in list(fetch.waiting)))

    def fetches_of(self, frame: PendingFrame) -> set[PieceFetch]:
        """The fetches of pieces that a frame awaits."""
        scope = frame.request.scope
        return {fetch for piece_id in frame.awaited if (fetch := self._fetches.get((scope, piece_id)))}

    def leave(self, frame: PendingFrame) -> None:
        """A frame needs nothing more: fetches that no other frame needs are cancelled."""
        for fetch in self.fetches_of(frame) | frame.own:
            for frames in fetch.waiting.values():
                frames.discard(frame)
            if not any(fetch.waiting.values()):
                self.ended(fetch)
                if fetch.lookup is not None:
                    fetch.lookup.cancel()
                self._pool.cancel(fetch.request_id)
                fetch.released()
        for fetch in frame.joined:
            fetch.learning.discard(frame)
        frame.own.clear()
        frame.joined.clear()

    def _forget(self, fetch: PieceFetch, piece_id: bytes) -> set[PendingFrame]:
        self._fetches.pop((fetch.scope, piece_id), None)
        return fetch.waiting.pop(piece_id)
