"""From a requested frame to its pieces: cached ones, ones that are being fetched, and the rest from compute.

Frames that need the same piece share one fetch; a fetch is cancelled when the last frame that needs it is cancelled.
Where gateways share a cache, a fetch looks there first, and asks compute for the pieces it did not find.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import Final, Protocol
from uuid import uuid4

from halftone.v1.compute_pb2 import RenderAsk, RowsRequest
from halftone.v1.frame_pb2 import CODEC_PACKED

from halftone_gateway.compute.discovery.affinity import block_key
from halftone_gateway.compute.pool import Pool
from halftone_gateway.compute.rows import RowsFetched, fetch_rows
from halftone_gateway.metrics import PIECES
from halftone_gateway.pieces.cache import PieceCache, Scope
from halftone_gateway.pieces.frame_request import FrameRequest, SerialisedPiece
from halftone_gateway.pieces.pending_frame import FrameListener, PendingFrame
from halftone_gateway.pieces.piece_fetch import PieceFetch
from halftone_gateway.pieces.unplaced import KnownUnplaced

# Part of every view key, so that fetches of two gateways never replace each other in compute's queue.
_PROCESS: Final = uuid4().hex


class Shared(Protocol):
    """A cache that several gateways share. `get` raises nothing and takes little time; `put` does not wait."""

    @property
    def is_up(self) -> bool: ...
    async def get(self, piece_ids: Sequence[bytes], scope: Scope) -> Mapping[bytes, bytes]: ...
    def put(self, piece_id: bytes, scope: Scope, piece: bytes) -> None: ...


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

    async def rows(self, request: RowsRequest, version_id: str) -> RowsFetched:
        """A page of rows of a version; cancelling ends its work. Raises as `fetch_rows`."""
        return await fetch_rows(self._pool, request, block_key(version_id, None), self._deadline_ms / 1000)

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
            ask.whole.CopyFrom(resolved.whole.to_proto())
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

    def cancel(self, fetch: PieceFetch) -> None:
        """No frame needs a fetch any more."""
        self.ended(fetch)
        if fetch.lookup is not None:
            fetch.lookup.cancel()
        self._pool.cancel(fetch.request_id)

    def _forget(self, fetch: PieceFetch, piece_id: bytes) -> set[PendingFrame]:
        self._fetches.pop((fetch.scope, piece_id), None)
        return fetch.waiting.pop(piece_id)
