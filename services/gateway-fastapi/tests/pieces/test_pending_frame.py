"""Frames that wait: what they hold, what they await, and what their listeners are sent."""

from gateway_rig.auth import BOB, AuthServer
from gateway_rig.bench import FOUR, bench
from gateway_rig.client import viewport
from gateway_rig.compute import ComputeServer
from gateway_rig.waiting import eventually
from halftone.v1.compute_pb2 import Failure


async def test_cached_pieces_come_before_those_to_be_made(auth: AuthServer, compute: ComputeServer) -> None:
    async with bench(auth, compute) as made:
        _, first, _ = made.start(FOUR)
        await eventually(lambda: first.over)
        compute.gate.clear()
        _, second, _ = made.start(viewport(512, 1536, 0, 1024))
        assert [len(batch) for batch in second.batches] == [2]
        compute.gate.set()
        await eventually(lambda: second.over)
        assert second.receipt is not None
        assert (second.receipt.pieces_total, second.receipt.pieces_cached) == (4, 2)
        assert len(compute.asks[1].tiles) == 2


async def test_a_joined_fetch_that_fails_is_retried_once_as_our_own(auth: AuthServer, compute: ComputeServer) -> None:
    compute.gate.clear()
    compute.failure = Failure(code="token_expired")
    async with bench(auth, compute) as made:
        _, ann, _ = made.start(FOUR)
        _, bob, _ = made.start(FOUR, BOB)
        await eventually(lambda: len(compute.asks) == 1)
        compute.gate.set()
        await eventually(lambda: ann.over)
        compute.failure = None
        await eventually(lambda: bob.over)
        assert ann.error is not None
        assert ann.error.code == "token_expired"
        assert bob.error is None or bob.error.code == "token_expired"
        assert len(compute.asks) == 2
        assert compute.asks[0].grant != compute.asks[1].grant


async def test_held_pieces_are_not_asked_for(auth: AuthServer, compute: ComputeServer) -> None:
    async with bench(auth, compute) as made:
        _, listener, request = made.start(FOUR, held=3)
        await eventually(lambda: listener.over)
        assert listener.ids == {request.resolved.piece_ids[3]}
        assert listener.receipt is not None
        assert listener.receipt.pieces_cached == 3


async def test_who_does_not_ask_for_a_sample_gets_none(auth: AuthServer, sampling: ComputeServer) -> None:
    async with bench(auth, sampling) as made:
        _, listener, _ = made.start(FOUR, approximate=True)
        _, exact, _ = made.start(FOUR, BOB)
        await eventually(lambda: listener.shares == [0.5])
        sampling.gate.set()
        await eventually(lambda: listener.over and exact.over)
        assert exact.samples == []
        assert exact.shares == []
        assert exact.ids == listener.ids
        assert [ask.approximate for ask in sampling.asks] == [True]


async def test_nothing_comes_after_a_cancel(auth: AuthServer, sampling: ComputeServer) -> None:
    async with bench(auth, sampling) as made:
        frame, listener, _ = made.start(FOUR, approximate=True)
        await eventually(lambda: listener.shares == [0.5])
        frame.cancel()
        await eventually(lambda: len(sampling.cancelled) == 1)
        sampling.gate.set()
        assert not listener.over
        assert not len(made.cache)
