"""Requests to compute: they survive restarts, drains and losses, and can be cancelled."""

import gc
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import pytest
from gateway_rig.auth import ANN, AuthServer, uuid_of
from gateway_rig.compute import ComputeServer
from gateway_rig.waiting import eventually
from halftone.v1.compute_pb2 import EncodedPiece, Failure, RenderAsk, SampledPieces
from halftone.v1.frame_pb2 import Receipt, TileAddress
from halftone_gateway.compute import pool as pools_of_streams
from halftone_gateway.compute.dial import Dialer
from halftone_gateway.compute.discovery.affinity import Pools, ranked
from halftone_gateway.compute.pool import Pool
from halftone_gateway.compute.stream import Stream
from halftone_gateway.metrics import REGISTRY
from halftone_servicekit.errors import HalftoneError


@dataclass
class Recorder:
    """A receiver that records its calls."""

    got: list[EncodedPiece] = field(default_factory=list)
    receipt: Receipt | None = None
    error: HalftoneError | None = None
    sampled_pieces: list[SampledPieces] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)

    def sampled(self, sampled: SampledPieces) -> None:
        self.sampled_pieces.append(sampled)

    def progressed(self, share: float) -> None:
        self.shares.append(share)

    def pieces(self, pieces: list[EncodedPiece]) -> None:
        self.got += pieces

    def done(self, receipt: Receipt) -> None:
        self.receipt = receipt

    def failed(self, error: HalftoneError) -> None:
        self.error = error

    @property
    def over(self) -> bool:
        return self.receipt is not None or self.error is not None


def ask(auth: AuthServer, number: int, deadline_ms: int = 60_000) -> RenderAsk:
    """An ask for one tile."""
    grant = auth.grant(ANN, "flights", uuid_of("flights/1"))
    tiles = [TileAddress(ex=1, ix=number, ey=1, iy=0)]
    return RenderAsk(request_id=number, deadline_ms=deadline_ms, grant=grant, tiles=tiles)


@asynccontextmanager
async def pool_of(
    *pools: tuple[ComputeServer, ...], wait_s: float = 60.0, on_connected: Callable[[], None] = lambda: None
) -> AsyncIterator[Pool]:
    """A pool that has reached every service which runs."""
    pool = Pool(Dialer(), wait_s, on_connected)
    pool.update(targets(*pools))
    try:
        await eventually(lambda: pool.connected == sum(compute.running for one in pools for compute in one))
        yield pool
    finally:
        await pool.close()


def targets(*pools: tuple[ComputeServer, ...]) -> Pools:
    return tuple(tuple(compute.target for compute in pool) for pool in pools)


@asynccontextmanager
async def services(count: int) -> AsyncIterator[list[ComputeServer]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(ComputeServer().serve()) for _ in range(count)]


async def test_what_a_spare_pool_made_says_so(auth: AuthServer) -> None:
    async with services(2) as (best, spare), pool_of((best,), (spare,)) as pool:
        heard = [Recorder() for _ in range(4)]
        pool.ask(ask(auth, 1), "v", heard[0])
        await eventually(lambda: heard[0].over)
        await best.stop()
        await eventually(lambda: pool.connected == 1)
        pool.ask(ask(auth, 2), "v", heard[1])
        await eventually(lambda: heard[1].over)
        spare.degraded = "card_lost"
        pool.ask(ask(auth, 3), "v", heard[2])
        await eventually(lambda: heard[2].over)
        spare.degraded = ""
        pool.update(targets((spare,)))
        pool.ask(ask(auth, 4), "v", heard[3])
        await eventually(lambda: heard[3].over)
    assert [sink.receipt.degraded for sink in heard if sink.receipt] == ["", "spare_pool", "card_lost", ""]


async def test_what_a_service_that_is_no_longer_named_still_makes_is_as_good_as_ever(
    auth: AuthServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pools_of_streams, "_RETIRE_S", 600.0)
    async with services(3) as (best, spare, left), pool_of((best, left), (spare,)) as pool:
        left.gate.clear()
        heard = [Recorder() for _ in range(20)]
        for number, sink in enumerate(heard, start=1):
            pool.ask(ask(auth, number), f"key {number}", sink)
        await eventually(lambda: bool(left.asks))
        pool.update(targets((best,), (spare,)))
        left.gate.set()
        await eventually(lambda: all(sink.over for sink in heard))
        assert left.asks
    assert {sink.receipt.degraded for sink in heard if sink.receipt} == {""}


async def test_many_requests_share_one_stream(auth: AuthServer, compute: ComputeServer) -> None:
    async with pool_of((compute,)) as pool:
        heard = [Recorder() for _ in range(100)]
        for number, sink in enumerate(heard, start=1):
            pool.ask(ask(auth, number), "v", sink)
        await eventually(lambda: all(sink.receipt for sink in heard))
        assert all(len(sink.got) == 1 for sink in heard)
        assert len({sink.got[0].piece_id for sink in heard}) == 100


async def test_what_is_under_way_is_asked_again_after_a_restart(auth: AuthServer, compute: ComputeServer) -> None:
    compute.gate.clear()
    connected: list[int] = []
    async with pool_of((compute,), on_connected=lambda: connected.append(1)) as pool:
        sink = Recorder()
        pool.ask(ask(auth, 1), "v", sink)
        await eventually(lambda: len(compute.asks) == 1)
        await compute.stop()
        await eventually(lambda: not pool.connected)
        compute.gate.set()
        await compute.start()
        await eventually(lambda: sink.over)
        assert sink.receipt is not None
        assert len(compute.asks) == 2
        assert compute.asks[1].deadline_ms < 60_000, "the time that has passed counts"
        assert len(connected) == 2


async def test_a_request_that_ended_two_processes_is_given_up(auth: AuthServer, compute: ComputeServer) -> None:
    compute.gate.clear()
    async with pool_of((compute,)) as pool:
        sink = Recorder()
        pool.ask(ask(auth, 1), "v", sink)
        for attempt in (1, 2):
            await eventually(lambda attempt=attempt: len(compute.asks) == attempt)  # type: ignore[misc]  # a bound lambda
            await compute.stop()
            await eventually(lambda: not pool.connected)
            await compute.start()
        await eventually(lambda: sink.over)
        assert sink.error is not None
        assert sink.error.code == "compute_unavailable"


async def test_an_unreachable_service_is_an_error_soon(auth: AuthServer, compute: ComputeServer) -> None:
    await compute.stop()
    async with pool_of((compute,), wait_s=0.2) as pool:
        sink = Recorder()
        pool.ask(ask(auth, 1), "v", sink)
        await eventually(lambda: sink.over)
        assert sink.error is not None
        assert sink.error.code == "compute_unavailable"
        assert not pool.connected


async def test_a_service_that_does_not_keep_its_deadline_is_not_waited_for(
    auth: AuthServer, compute: ComputeServer
) -> None:
    compute.gate.clear()
    async with pool_of((compute,)) as pool:
        await eventually(lambda: pool.connected == 1)
        sink = Recorder()
        pool.ask(ask(auth, 1, deadline_ms=100), "v", sink)
        await eventually(lambda: sink.over)
        assert sink.error is not None
        assert sink.error.code == "deadline_exceeded"


async def test_a_cancelled_request_is_cancelled_at_compute_and_gets_no_answer(
    auth: AuthServer, compute: ComputeServer
) -> None:
    compute.gate.clear()
    async with pool_of((compute,)) as pool:
        sink = Recorder()
        pool.ask(ask(auth, 7), "v", sink)
        await eventually(lambda: len(compute.asks) == 1)
        pool.cancel(7)
        pool.cancel(7)
        await eventually(lambda: compute.cancelled == [7])
        compute.gate.set()
        other = Recorder()
        pool.ask(ask(auth, 8), "v", other)
        await eventually(lambda: other.over)
        assert not sink.over


async def test_what_was_never_written_is_never_sent(auth: AuthServer, compute: ComputeServer) -> None:
    async with pool_of((compute,)) as pool:
        await eventually(lambda: pool.connected == 1)
        sink = Recorder()
        for number in range(1, 50):
            pool.ask(ask(auth, number), "v", Recorder())
            pool.cancel(number)
        pool.ask(ask(auth, 50), "v", sink)
        await eventually(lambda: sink.over)
        assert [asked.request_id for asked in compute.asks] == [50]
        assert not compute.cancelled


async def test_a_stream_that_compute_ends_is_opened_again(auth: AuthServer, compute: ComputeServer) -> None:
    async with pool_of((compute,)) as pool:
        await eventually(lambda: pool.connected == 1)
        await compute.stop()
        await compute.start()
        await eventually(lambda: pool.connected == 1)
        sinks = [Recorder() for _ in range(3)]
        for number, sink in enumerate(sinks, start=1):
            pool.ask(ask(auth, number), "v", sink)
            await eventually(lambda sink=sink: sink.over)  # type: ignore[misc]  # a bound lambda
        assert all(sink.receipt for sink in sinks)


async def test_a_service_that_breaks_loses_no_answer(auth: AuthServer) -> None:
    async with services(2) as (one, two), pool_of((one, two)) as pool:
        first, second = (one, two) if ranked([one.target, two.target], "v")[0] == one.target else (two, one)
        first.gate.clear()
        sink = Recorder()
        pool.ask(ask(auth, 1), "v", sink)
        await eventually(lambda: len(first.asks) == 1)
        await first.stop()
        await eventually(lambda: sink.over)
        assert sink.receipt is not None
        assert len(second.asks) == 1


async def test_a_service_that_stops_in_good_order_does_not_count_as_a_failure(auth: AuthServer) -> None:
    async with services(1) as (one,), pool_of((one,)) as pool:
        one.gate.clear()
        sink = Recorder()
        pool.ask(ask(auth, 1), "v", sink)
        for attempt in (1, 2, 3):
            await eventually(lambda attempt=attempt: len(one.asks) == attempt)  # type: ignore[misc]  # a bound lambda
            one.end_streams()
        await eventually(lambda: len(one.asks) == 4)
        one.gate.set()
        await eventually(lambda: sink.over)
        assert sink.receipt is not None


async def test_what_a_stopping_service_refuses_is_asked_elsewhere(auth: AuthServer) -> None:
    async with services(2) as (one, two), pool_of((one, two)) as pool:
        for compute in (one, two):
            compute.failure = Failure(code="compute_unavailable")
        sinks = [Recorder(), Recorder()]
        pool.ask(ask(auth, 1), "v", sinks[0])
        await eventually(lambda: pool.connected == 0)
        assert not sinks[0].over, "it waits for a service"
        pool.ask(ask(auth, 2), "v", sinks[1])
        assert len(one.asks) + len(two.asks) == 2, "a service that refused is not asked again"
        one.failure = None
        one.end_streams()
        await eventually(lambda: all(sink.over for sink in sinks))
        assert all(sink.receipt for sink in sinks)


@pytest.mark.parametrize("others", [0, 1])
async def test_an_overloaded_service_is_passed_by_once(auth: AuthServer, others: int) -> None:
    async with services(1 + others) as computes, pool_of(tuple(computes)) as pool:
        for compute in computes:
            compute.failure = Failure(code="overloaded", retry_after_ms=500)
        sink = Recorder()
        pool.ask(ask(auth, 1), "v", sink)
        await eventually(lambda: sink.over)
        assert sink.error is not None
        assert (sink.error.code, sink.error.retry_after_ms) == ("overloaded", 500)
        assert [len(compute.asks) for compute in computes] == [1] * (1 + others)


async def test_a_stopping_service_with_no_room_stays_one_that_stops(auth: AuthServer) -> None:
    async with services(2) as (one, two), pool_of((one,), (two,)) as pool:
        one.gate.clear()
        pool.ask(ask(auth, 1), "v", Recorder())
        pool.ask(ask(auth, 2), "v", Recorder())
        await eventually(lambda: len(one.asks) == 2)
        two.gate.clear()
        # Both are answered at once: the first in the words of one that stops, the second in those of one that is full.
        words = iter([Failure(code="compute_unavailable"), Failure(code="overloaded")])
        one.answer = lambda: next(words)
        one.gate.set()
        await eventually(lambda: len(two.asks) == 2)
        assert pool.connected == 1


async def test_nothing_is_left_of_a_service_that_stopped_and_went(auth: AuthServer) -> None:
    async with services(2) as (one, two), pool_of((one,)) as pool:
        one.failure = Failure(code="compute_unavailable")
        sink = Recorder()
        pool.ask(ask(auth, 1), "v", sink)
        await eventually(lambda: not pool.connected)
        pool.update(targets((two,)))
        await eventually(lambda: sink.over)
        ours = {one.target, two.target}
        await eventually(lambda: ours & {stream.target for stream in open_streams()} == {two.target})


def open_streams() -> list[Stream]:
    gc.collect()
    # `isinstance` would ask weak proxies of others, whose objects may be gone.
    return [found for found in gc.get_objects() if type(found) is Stream]


async def test_a_service_that_is_no_longer_named_answers_what_it_has(
    auth: AuthServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pools_of_streams, "_RETIRE_S", 600.0)
    async with services(2) as (one, two), pool_of((one,)) as pool:
        one.gate.clear()
        old, new = Recorder(), Recorder()
        pool.ask(ask(auth, 1), "v", old)
        await eventually(lambda: len(one.asks) == 1)
        pool.update(targets((two,)))
        await eventually(lambda: pool.connected == 1)
        pool.ask(ask(auth, 2), "v", new)
        await eventually(lambda: new.over)
        assert (len(one.asks), len(two.asks)) == (1, 1)
        one.gate.set()
        await eventually(lambda: old.over)
        assert old.receipt is not None


async def test_one_that_does_not_answer_any_more_is_not_waited_for(
    auth: AuthServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pools_of_streams, "_RETIRE_S", 0.1)
    async with services(2) as (one, two), pool_of((one,)) as pool:
        one.gate.clear()
        sink = Recorder()
        pool.ask(ask(auth, 1), "v", sink)
        await eventually(lambda: len(one.asks) == 1)
        pool.update(targets((two,)))
        await eventually(lambda: sink.over)
        assert sink.receipt is not None
        assert len(two.asks) == 1


async def test_cards_are_used_while_there_are_any(auth: AuthServer) -> None:
    async with services(2) as (card, cpu), pool_of((card,), (cpu,)) as pool:

        async def answered(number: int) -> None:
            sink = Recorder()
            pool.ask(ask(auth, number), f"v/{number}", sink)
            await eventually(lambda: sink.receipt is not None)

        for number in (1, 2, 3):
            await answered(number)
        assert (len(card.asks), len(cpu.asks)) == (3, 0)
        await card.stop()
        await eventually(lambda: pool.connected == 1)
        await answered(4)
        assert len(cpu.asks) == 1
        await card.start()
        await eventually(lambda: pool.connected == 2)
        await answered(5)
        assert len(card.asks) == 4


async def test_a_hot_block_fills_more_than_one_service(auth: AuthServer) -> None:
    async with services(3) as computes, pool_of(tuple(computes)) as pool:
        for compute in computes:
            compute.gate.clear()
        sinks = [Recorder() for _ in range(30)]
        spills = REGISTRY.get_sample_value("halftone_gateway_choice_spills_total") or 0.0
        for number, sink in enumerate(sinks, start=1):
            pool.ask(ask(auth, number), "hot", sink)
        await eventually(lambda: sum(len(compute.asks) for compute in computes) == 30)
        assert max(len(compute.asks) for compute in computes) <= 1.25 * 10 + 2
        assert (REGISTRY.get_sample_value("halftone_gateway_choice_spills_total") or 0.0) > spills
        for compute in computes:
            compute.gate.set()
        await eventually(lambda: all(sink.receipt for sink in sinks))


async def test_requests_without_a_service_are_counted_and_wait(auth: AuthServer) -> None:
    async with services(1) as (one,), pool_of() as pool:
        sink = Recorder()
        pool.ask(ask(auth, 1), "v", sink)
        assert REGISTRY.get_sample_value("halftone_gateway_render_waiting") == 1
        pool.update(targets((one,)))
        await eventually(lambda: sink.over)
        assert sink.receipt is not None
        assert REGISTRY.get_sample_value("halftone_gateway_render_waiting") == 0
        assert REGISTRY.get_sample_value("halftone_gateway_compute_targets", {"pool": "1"}) == 1
