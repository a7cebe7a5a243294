"""From wanted pieces to pieces: what is cached, what is on its way for somebody else, and the rest from compute.

Requests for the same piece share one flight; a flight is cancelled when the last who wanted something of it has left.
Where gateways share a cache, a flight first looks there, and asks compute for what it did not find.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import Final, Protocol
from uuid import uuid4

import structlog
from halftone.v1.compute_pb2 import EncodedPiece, RenderAsk
from halftone.v1.frame_pb2 import Receipt
from halftone_servicekit.errors import HalftoneError

from halftone_gateway.compute.discovery.affinity import block_key
from halftone_gateway.compute.pool import Pool
from halftone_gateway.metrics import PIECES, RENDER_SECONDS
from halftone_gateway.pieces.cache import PieceCache, Scope
from halftone_gateway.pieces.receipts import merged
from halftone_gateway.pieces.wanted import Encoded, Wanted

# One call of one process: asks of two sockets must never replace each other in compute's queue.
_PROCESS: Final = uuid4().hex

log = structlog.get_logger(__name__)


class Listener(Protocol):
    """Who wants pieces; after `finished` or `failed` nothing more comes."""

    def arrived(self, pieces: Sequence[Encoded]) -> None: ...
    def finished(self, pieces: Sequence[Encoded], receipt: Receipt) -> None: ...
    def failed(self, error: HalftoneError) -> None: ...


class Shared(Protocol):
    """A cache that several gateways share. `get` raises nothing and takes little time; `put` does not wait."""

    @property
    def is_up(self) -> bool: ...
    async def get(self, piece_ids: Sequence[bytes], scope: Scope) -> Mapping[bytes, bytes]: ...
    def put(self, piece_id: bytes, scope: Scope, piece: bytes) -> None: ...


class Run:
    """One frame's wait for its pieces."""

    def __init__(self, broker: "Broker", wanted: Wanted, listener: Listener) -> None:
        self.wanted = wanted
        self.receipts: list[Receipt] = []
        self.own: set[Flight] = set()
        self._broker = broker
        self._listener = listener
        self._started = time.perf_counter()
        ids = wanted.planned.piece_ids
        self._awaited: dict[bytes, int] = {ids[place]: place for place in wanted.missing}
        self._ready: list[Encoded] = []
        self._retried = False
        self._cached = 0
        self._over = False

    @property
    def awaited(self) -> dict[bytes, int]:
        """Places of the pieces that are not there yet, by id."""
        return self._awaited

    def take_cached(self, pieces: list[Encoded]) -> None:
        """What the cache had. It is passed on at once when the rest will take a while."""
        self._cached = len(pieces)
        for piece_id, _ in pieces:
            del self._awaited[piece_id]
        if pieces and self._awaited:
            self._listener.arrived(pieces)
        else:
            self._ready = pieces

    def take(self, pieces: list[Encoded], *, cached: bool) -> None:
        """Fresh pieces. The latest batch is kept back: it goes with the end of the frame, which mostly follows."""
        fresh = [encoded for encoded in pieces if self._awaited.pop(encoded[0], None) is not None]
        if not fresh:
            return
        self._cached += len(fresh) if cached else 0
        if self._ready:
            self._listener.arrived(self._ready)
        self._ready = fresh

    def settle(self) -> None:
        """Ends the run when everything is there."""
        if self._over or self._awaited or self.own:
            return
        self._over = True
        elapsed = time.perf_counter() - self._started
        RENDER_SECONDS.observe(elapsed)
        receipt = merged(self.wanted, self.receipts, self._cached, elapsed * 1000)
        self._listener.finished(self._ready, receipt)

    def fail(self, error: HalftoneError, *, own: bool) -> None:
        """A flight failed. One of somebody else's is tried again on our own account, once."""
        if self._over:
            return
        if not own and not self._retried:
            self._retried = True
            self._broker.launch(self)
            return
        self.cancel()
        self._listener.failed(error)

    def cancel(self) -> None:
        """Leaves every flight; the listener hears nothing more."""
        self._over = True
        self._broker.leave(self)


class Flight:
    """One request to compute, with the runs that wait for each of its pieces."""

    def __init__(self, broker: "Broker", owner: Run, request_id: int, key: str, piece_ids: Iterable[bytes]) -> None:
        self.owner = owner
        self.request_id = request_id
        self.key = key
        self.scope = owner.wanted.scope
        self.places = {piece_id: owner.awaited[piece_id] for piece_id in piece_ids}
        self.waiting: dict[bytes, set[Run]] = {piece_id: {owner} for piece_id in self.places}
        self.looking: asyncio.Task[None] | None = None
        self._broker = broker

    def found(self, pieces: Mapping[bytes, bytes]) -> None:
        """What other gateways had."""
        known = [encoded for encoded in pieces.items() if encoded[0] in self.waiting]
        PIECES.labels("redis").inc(len(known))
        self._land(known, cached=True)

    def pieces(self, pieces: list[EncodedPiece]) -> None:
        """What compute has made; a request that was moved to another service may bring pieces once more."""
        if stray := sum(encoded.piece_id not in self.places for encoded in pieces):
            log.error("compute_sent_unasked_pieces", request_id=self.request_id, count=stray)
        known = [(encoded.piece_id, encoded.piece) for encoded in pieces if encoded.piece_id in self.waiting]
        PIECES.labels("compute").inc(len(known))
        self._broker.share(self, known)
        self._land(known, cached=False)

    def _land(self, pieces: Sequence[Encoded], *, cached: bool) -> None:
        takers: defaultdict[Run, list[Encoded]] = defaultdict(list)
        for encoded in pieces:
            for run in self._broker.landed(self, encoded):
                takers[run].append(encoded)
        for run, taken in takers.items():
            run.take(taken, cached=cached)
            if run is not self.owner:
                run.settle()

    def complete(self) -> None:
        """Everything was found; nobody had to work."""
        self.owner.own.discard(self)
        self.owner.settle()

    def done(self, receipt: Receipt) -> None:
        left = self._broker.ended(self)
        self.owner.receipts.append(receipt)
        self.owner.own.discard(self)
        if left:
            error = HalftoneError("internal", "The compute service left out a piece.")
            for run in left:
                run.fail(error, own=run is self.owner)
        self.owner.settle()

    def failed(self, error: HalftoneError) -> None:
        runs = self._broker.ended(self) | {self.owner}
        self.owner.own.discard(self)
        for run in runs:
            run.fail(error, own=run is self.owner)


class Broker:
    """The pieces of the process."""

    def __init__(self, cache: PieceCache, shared: Shared | None, pool: Pool, deadline_ms: int) -> None:
        self._cache = cache
        self._shared = shared
        self._pool = pool
        self._deadline_ms = deadline_ms
        self._flights: dict[tuple[Scope, bytes], Flight] = {}
        self._numbers = count(1)

    def start(self, wanted: Wanted, listener: Listener) -> Run:
        """Gets pieces. The listener is called within this call when nothing has to be waited for."""
        run = Run(self, wanted, listener)
        cached = [
            (piece_id, piece)
            for piece_id in run.awaited
            if (piece := self._cache.get(piece_id, wanted.scope)) is not None
        ]
        PIECES.labels("held").inc(len(wanted.planned.piece_ids) - len(wanted.missing))
        PIECES.labels("cache").inc(len(cached))
        run.take_cached(cached)
        self.launch(run)
        run.settle()
        return run

    def launch(self, run: Run) -> None:
        """Joins the flights that carry what the run awaits, and starts new ones for the rest."""
        scope = run.wanted.scope
        blocks: defaultdict[str, list[bytes]] = defaultdict(list)
        addresses = run.wanted.planned.addresses
        for piece_id, place in run.awaited.items():
            flight = self._flights.get((scope, piece_id))
            if flight is not None:
                flight.waiting[piece_id].add(run)
                PIECES.labels("shared").inc()
                continue
            address = addresses[place].to_proto() if addresses is not None else None
            blocks[block_key(scope.version_id, address)].append(piece_id)
        for key, piece_ids in self._joined(blocks):
            self._fly(run, key, piece_ids)

    def _joined(self, blocks: Mapping[str, list[bytes]]) -> Iterable[tuple[str, list[bytes]]]:
        """Blocks that the same service would make, as one, under the key of the first: it passes over the rows once."""
        groups: dict[str, tuple[str, list[bytes]]] = {}
        for key, piece_ids in blocks.items():
            choice = self._pool.prefer(key)
            groups.setdefault(choice.target if choice else "", (key, []))[1].extend(piece_ids)
        return groups.values()

    def _fly(self, run: Run, key: str, piece_ids: list[bytes]) -> None:
        flight = Flight(self, run, next(self._numbers), key, piece_ids)
        run.own.add(flight)
        for piece_id in piece_ids:
            self._flights[flight.scope, piece_id] = flight
        if self._shared is not None and self._shared.is_up:
            flight.looking = asyncio.create_task(self._look(self._shared, flight))
        else:
            self._ask(flight)

    async def _look(self, shared: Shared, flight: Flight) -> None:
        flight.found(await shared.get(list(flight.waiting), flight.scope))
        # What nobody waits for any more need not be made.
        for piece_id in [piece_id for piece_id, runs in flight.waiting.items() if not runs]:
            self._forget(flight, piece_id)
        if flight.waiting:
            self._ask(flight)
        else:
            flight.complete()

    def _ask(self, flight: Flight) -> None:
        wanted = flight.owner.wanted
        planned = wanted.planned
        ask = RenderAsk(
            request_id=flight.request_id,
            deadline_ms=self._deadline_ms,
            grant=wanted.access.token,
            plan=planned.plan,
            view_key=f"{_PROCESS}/{flight.request_id}",
            traceparent=wanted.traceparent,
        )
        if planned.addresses is None:
            ask.whole.CopyFrom(planned.viewport.to_proto())
        else:
            ask.tiles.extend(planned.addresses[flight.places[piece_id]].to_proto() for piece_id in flight.waiting)
        self._pool.ask(ask, flight.key, flight)

    def landed(self, flight: Flight, encoded: Encoded) -> set[Run]:
        """A piece is there: who waited for it."""
        piece_id, piece = encoded
        self._cache.put(piece_id, flight.scope, piece)
        return self._forget(flight, piece_id)

    def share(self, flight: Flight, pieces: Iterable[Encoded]) -> None:
        """Gives pieces to the other gateways too."""
        if self._shared is not None:
            for piece_id, piece in pieces:
                self._shared.put(piece_id, flight.scope, piece)

    def ended(self, flight: Flight) -> set[Run]:
        """A flight is over: who still waited for something."""
        return set().union(*(self._forget(flight, piece_id) for piece_id in list(flight.waiting)))

    def leave(self, run: Run) -> None:
        """A run wants nothing more: flights that nobody wants are cancelled."""
        joined = {flight for piece_id in run.awaited if (flight := self._flights.get((run.wanted.scope, piece_id)))}
        for flight in joined | run.own:
            for runs in flight.waiting.values():
                runs.discard(run)
            if not any(flight.waiting.values()):
                self.ended(flight)
                if flight.looking is not None:
                    flight.looking.cancel()
                self._pool.cancel(flight.request_id)
        run.own.clear()

    def _forget(self, flight: Flight, piece_id: bytes) -> set[Run]:
        self._flights.pop((flight.scope, piece_id), None)
        return flight.waiting.pop(piece_id)
