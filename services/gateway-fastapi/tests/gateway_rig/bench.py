"""A broker before a real compute stand-in, and what listens to it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from halftone.v1.frame_pb2 import Receipt, Viewport
from halftone_gateway.access.granted import GrantedVersion
from halftone_gateway.compute.dial import Dialer
from halftone_gateway.compute.pool import Pool
from halftone_gateway.pieces.broker import Broker, Shared
from halftone_gateway.pieces.cache import PieceCache
from halftone_gateway.pieces.frame_request import FrameRequest, SerialisedPiece
from halftone_gateway.pieces.pending_frame import PendingFrame
from halftone_gateway.pieces.planning import resolve_view
from halftone_servicekit.errors import HalftoneError
from halftone_views import ColumnInfo, validate_options

from gateway_rig.auth import ANN, COLUMNS, AuthServer, uuid_of
from gateway_rig.client import viewport
from gateway_rig.compute import ComputeServer
from gateway_rig.pure import access
from gateway_rig.waiting import eventually

TRACE = "00-" + "1" * 32 + "-" + "2" * 16 + "-00"


@dataclass
class Listener:
    """Records its calls."""

    batches: list[list[SerialisedPiece]] = field(default_factory=list)
    samples: list[tuple[list[SerialisedPiece], float]] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)
    receipt: Receipt | None = None
    error: HalftoneError | None = None

    def sampled(self, pieces: Sequence[SerialisedPiece], fraction: float) -> None:
        self.samples.append((list(pieces), fraction))

    def progressed(self, share: float) -> None:
        self.shares.append(share)

    def arrived(self, pieces: Sequence[SerialisedPiece]) -> None:
        self.batches.append(list(pieces))

    def finished(self, pieces: Sequence[SerialisedPiece], receipt: Receipt) -> None:
        self.batches.append(list(pieces))
        self.receipt = receipt

    def failed(self, error: HalftoneError) -> None:
        self.error = error

    @property
    def over(self) -> bool:
        return self.receipt is not None or self.error is not None

    @property
    def ids(self) -> set[bytes]:
        return {piece_id for batch in self.batches for piece_id, _ in batch}


@dataclass
class Bench:
    """A broker before a real compute stand-in."""

    auth: AuthServer
    broker: Broker
    cache: PieceCache
    shown: tuple[ColumnInfo, ...] = COLUMNS

    def access(self, subject: str = ANN, policy: str = "0" * 64) -> GrantedVersion:
        self.auth.policy_hash = policy
        token = self.auth.grant(subject, "flights", uuid_of("flights/1"))
        return replace(access(policy=policy, shown=self.shown), token=token)

    def start(
        self,
        place: Viewport,
        subject: str = ANN,
        policy: str = "0" * 64,
        held: int = 0,
        *,
        approximate: bool = False,
        packed: bool = False,
    ) -> tuple[PendingFrame, Listener, FrameRequest]:
        who = self.access(subject, policy)
        resolved = resolve_view(validate_options("points", {"x": "distance", "y": "delay"}), who, place)
        missing = tuple(range(held, len(resolved.piece_ids)))
        request = FrameRequest(who, resolved, missing, TRACE, approximate, packed)
        listener = Listener()
        return self.broker.start(request, listener), listener, request


@asynccontextmanager
async def bench(auth: AuthServer, *computes: ComputeServer, shared: Shared | None = None) -> AsyncIterator[Bench]:
    pool = Pool(Dialer(), 60.0, lambda: None)
    cache = PieceCache(1_000_000)
    pool.update((tuple(compute.target for compute in computes),))
    try:
        # A request that comes before would go to whichever service is there first.
        await eventually(lambda: pool.connected == len(computes))
        yield Bench(auth, Broker(cache, shared, pool, 60_000), cache)
    finally:
        await pool.close()


FOUR = viewport(0, 1024, 0, 1024)
