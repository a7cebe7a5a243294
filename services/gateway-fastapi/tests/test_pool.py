"""The stream to compute: what is under way survives a restart, what nobody wants is taken back."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from gateway_rig.auth import ANN, AuthServer, uuid_of
from gateway_rig.compute import ComputeServer
from gateway_rig.waiting import eventually
from halftone.v1.compute_pb2 import EncodedPiece, RenderAsk
from halftone.v1.frame_pb2 import Receipt, TileAddress
from halftone_gateway.pool import Pool, Stream
from halftone_servicekit.errors import HalftoneError


@dataclass
class Heard:
    """A sink that remembers."""

    got: list[EncodedPiece] = field(default_factory=list)
    receipt: Receipt | None = None
    error: HalftoneError | None = None

    def pieces(self, pieces: list[EncodedPiece]) -> None:
        self.got += pieces

    def done(self, receipt: Receipt) -> None:
        self.receipt = receipt

    def failed(self, error: HalftoneError) -> None:
        self.error = error

    @property
    def over(self) -> bool:
        return self.receipt is not None or self.error is not None


def ask(auth: AuthServer, number: int, deadline_ms: int = 8000) -> RenderAsk:
    """An ask for one tile."""
    grant = auth.grant(ANN, "flights", uuid_of("flights/1"))
    tiles = [TileAddress(ex=1, ix=number, ey=1, iy=0)]
    return RenderAsk(request_id=number, deadline_ms=deadline_ms, grant=grant, tiles=tiles)


@asynccontextmanager
async def stream_to(
    compute: ComputeServer, wait_s: float = 5.0, on_connected: Callable[[], None] = lambda: None
) -> AsyncIterator[Stream]:
    pool = Pool(wait_s, on_connected)
    try:
        yield pool.stream(compute.target)
    finally:
        await pool.close()


async def test_many_requests_share_one_stream(auth: AuthServer, compute: ComputeServer) -> None:
    async with stream_to(compute) as stream:
        heard = [Heard() for _ in range(100)]
        for number, sink in enumerate(heard, start=1):
            stream.ask(ask(auth, number), sink)
        await eventually(lambda: all(sink.receipt for sink in heard))
        assert all(len(sink.got) == 1 for sink in heard)
        assert len({sink.got[0].piece_id for sink in heard}) == 100


async def test_what_is_under_way_is_asked_again_after_a_restart(auth: AuthServer, compute: ComputeServer) -> None:
    compute.gate.clear()
    connected: list[int] = []
    async with stream_to(compute, on_connected=lambda: connected.append(1)) as stream:
        sink = Heard()
        stream.ask(ask(auth, 1), sink)
        await eventually(lambda: len(compute.asks) == 1)
        await compute.stop()
        await eventually(lambda: not stream.connected)
        compute.gate.set()
        await compute.start()
        await eventually(lambda: sink.over)
        assert sink.receipt is not None
        assert len(compute.asks) == 2
        assert compute.asks[1].deadline_ms < 8000, "the time that has passed counts"
        assert len(connected) == 2


async def test_a_request_that_ended_two_processes_is_given_up(auth: AuthServer, compute: ComputeServer) -> None:
    compute.gate.clear()
    async with stream_to(compute) as stream:
        sink = Heard()
        stream.ask(ask(auth, 1), sink)
        for attempt in (1, 2):
            await eventually(lambda attempt=attempt: len(compute.asks) == attempt)  # type: ignore[misc]  # a bound lambda
            await compute.stop()
            await eventually(lambda: not stream.connected)
            await compute.start()
        await eventually(lambda: sink.over)
        assert sink.error is not None
        assert sink.error.code == "compute_unavailable"


async def test_an_unreachable_service_is_told_soon(auth: AuthServer, compute: ComputeServer) -> None:
    await compute.stop()
    async with stream_to(compute, wait_s=0.2) as stream:
        sink = Heard()
        stream.ask(ask(auth, 1), sink)
        await eventually(lambda: sink.over)
        assert sink.error is not None
        assert sink.error.code == "compute_unavailable"
        assert not stream.connected


async def test_a_service_that_does_not_keep_its_deadline_is_not_waited_for(
    auth: AuthServer, compute: ComputeServer
) -> None:
    compute.gate.clear()
    async with stream_to(compute) as stream:
        await eventually(lambda: stream.connected)
        sink = Heard()
        stream.ask(ask(auth, 1, deadline_ms=100), sink)
        await eventually(lambda: sink.over)
        assert sink.error is not None
        assert sink.error.code == "deadline_exceeded"


async def test_a_cancelled_request_is_taken_back_and_not_heard_of_again(
    auth: AuthServer, compute: ComputeServer
) -> None:
    compute.gate.clear()
    async with stream_to(compute) as stream:
        sink = Heard()
        stream.ask(ask(auth, 7), sink)
        await eventually(lambda: len(compute.asks) == 1)
        stream.cancel(7)
        stream.cancel(7)
        await eventually(lambda: compute.cancelled == [7])
        compute.gate.set()
        other = Heard()
        stream.ask(ask(auth, 8), other)
        await eventually(lambda: other.over)
        assert not sink.over


async def test_what_was_never_written_is_never_sent(auth: AuthServer, compute: ComputeServer) -> None:
    async with stream_to(compute) as stream:
        await eventually(lambda: stream.connected)
        sink = Heard()
        for number in range(1, 50):
            stream.ask(ask(auth, number), Heard())
            stream.cancel(number)
        stream.ask(ask(auth, 50), sink)
        await eventually(lambda: sink.over)
        assert [asked.request_id for asked in compute.asks] == [50]
        assert not compute.cancelled


async def test_a_stream_that_compute_ends_is_opened_again(auth: AuthServer, compute: ComputeServer) -> None:
    async with stream_to(compute) as stream:
        await eventually(lambda: stream.connected)
        await compute.stop()
        await compute.start()
        await eventually(lambda: stream.connected)
        sinks = [Heard() for _ in range(3)]
        async with asyncio.timeout(10):
            for number, sink in enumerate(sinks, start=1):
                stream.ask(ask(auth, number), sink)
                await eventually(lambda sink=sink: sink.over)  # type: ignore[misc]  # a bound lambda
        assert all(sink.receipt for sink in sinks)
