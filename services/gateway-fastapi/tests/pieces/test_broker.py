"""Pieces: fetched once, cached by scope, and shared by frames and gateways."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway_rig.auth import ANN, BOB, AuthServer
from gateway_rig.bench import FOUR, bench
from gateway_rig.client import viewport
from gateway_rig.compute import ComputeServer
from gateway_rig.rig import Rig
from gateway_rig.waiting import eventually
from halftone.v1 import session_pb2 as pb
from halftone.v1.frame_pb2 import CODEC_PACKED
from halftone_gateway.pieces.cache import Scope


async def test_pieces_are_made_once_and_then_cached(auth: AuthServer, compute: ComputeServer) -> None:
    async with bench(auth, compute) as made:
        _, first, request = made.start(FOUR)
        await eventually(lambda: first.over)
        assert first.ids == set(request.resolved.piece_ids)
        _, second, _ = made.start(FOUR, BOB)
        assert second.receipt is not None, "a cached frame is there at once"
        assert second.ids == first.ids
        assert (second.receipt.backend, second.receipt.pieces_cached) == ("cache", 4)
        assert len(compute.asks) == 1


async def test_two_viewers_share_one_render(auth: AuthServer, compute: ComputeServer) -> None:
    compute.gate.clear()
    async with bench(auth, compute) as made:
        listeners = [made.start(FOUR, subject)[1] for subject in (ANN, BOB, ANN)]
        compute.gate.set()
        await eventually(lambda: all(listener.over for listener in listeners))
        assert len({frozenset(listener.ids) for listener in listeners}) == 1
        assert len(compute.asks) == 1


async def test_people_with_other_rows_never_share(auth: AuthServer, compute: ComputeServer) -> None:
    async with bench(auth, compute) as made:
        _, ann, _ = made.start(FOUR, ANN, "a" * 64)
        await eventually(lambda: ann.over)
        _, bob, _ = made.start(FOUR, BOB, "b" * 64)
        await eventually(lambda: bob.over)
        assert not ann.ids & bob.ids
        assert len(compute.asks) == 2


async def test_a_frame_may_come_from_several_services(auth: AuthServer, compute: ComputeServer) -> None:
    async with ComputeServer().serve() as other, bench(auth, compute, other) as made:
        _, listener, request = made.start(viewport(0, 2**15, 0, 2**15, side=2048))
        for number in range(8):
            made.start(viewport(number * 2**15, (number + 1) * 2**15, 0, 2**15, side=2048))
        await eventually(lambda: listener.over)
        await eventually(lambda: bool(compute.asks) and bool(other.asks))
        assert listener.ids == set(request.resolved.piece_ids)


@dataclass
class Elsewhere:
    """What other gateways have; `gate` holds answers back while it is clear."""

    pieces: dict[bytes, bytes] = field(default_factory=dict)
    given: dict[bytes, bytes] = field(default_factory=dict)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    looks: int = 0
    is_up: bool = True

    async def get(self, piece_ids: Sequence[bytes], scope: Scope) -> Mapping[bytes, bytes]:
        assert scope.version_id
        self.looks += 1
        await self.gate.wait()
        return {piece_id: self.pieces[piece_id] for piece_id in piece_ids if piece_id in self.pieces}

    def put(self, piece_id: bytes, scope: Scope, piece: bytes) -> None:
        assert scope.version_id
        self.given[piece_id] = piece


async def test_what_others_have_is_not_made(auth: AuthServer, compute: ComputeServer) -> None:
    elsewhere = Elsewhere()
    elsewhere.gate.set()
    async with bench(auth, compute, shared=elsewhere) as made:
        _, first, request = made.start(FOUR)
        await eventually(lambda: first.over)
        assert set(elsewhere.given) == first.ids == set(request.resolved.piece_ids)
    kept = dict(list(elsewhere.given.items())[:3])
    other = Elsewhere(kept)
    other.gate.set()
    async with bench(auth, compute, shared=other) as made:
        _, second, _ = made.start(FOUR)
        await eventually(lambda: second.over)
        assert second.ids == first.ids
        assert [len(batch) for batch in second.batches] == [3, 1]
        assert second.receipt is not None
        assert (second.receipt.pieces_total, second.receipt.pieces_cached) == (4, 3)
        assert [len(asked.tiles) for asked in compute.asks] == [4, 1]
        assert set(other.given) == first.ids - set(kept), "what was found is not written again"
        _, third, _ = made.start(FOUR)
        assert third.over, "by now they are in the process's own cache"
        assert other.looks == 1


async def test_frames_that_need_the_same_pieces_share_a_lookup(auth: AuthServer, compute: ComputeServer) -> None:
    elsewhere = Elsewhere()
    async with bench(auth, compute, shared=elsewhere) as made:
        _, ann, _ = made.start(FOUR)
        _, bob, _ = made.start(FOUR, BOB)
        await eventually(lambda: elsewhere.looks == 1)
        elsewhere.gate.set()
        await eventually(lambda: ann.over and bob.over)
        assert ann.ids == bob.ids
        assert (elsewhere.looks, len(compute.asks)) == (1, 1)


async def test_a_lookup_ends_with_the_last_frame_that_needs_it(auth: AuthServer, compute: ComputeServer) -> None:
    elsewhere = Elsewhere()
    async with bench(auth, compute, shared=elsewhere) as made:
        run, ann, _ = made.start(FOUR)
        owner, bob, _ = made.start(viewport(2048, 4096, 0, 1024))
        partly, carl, request = made.start(viewport(2048, 3072, 0, 1024), BOB)
        await eventually(lambda: elsewhere.looks >= 2)
        run.cancel()
        owner.cancel()
        elsewhere.gate.set()
        await eventually(lambda: carl.over)
        assert carl.ids == set(request.resolved.piece_ids)
        assert not ann.over
        assert not bob.over
        asked = [tile for one in compute.asks for tile in one.tiles]
        assert len(asked) == len(request.resolved.piece_ids), "what only those request who left is not made"
        assert not partly.awaited


async def test_an_unreachable_cache_is_not_waited_for(auth: AuthServer, compute: ComputeServer) -> None:
    elsewhere = Elsewhere(is_up=False)
    async with bench(auth, compute, shared=elsewhere) as made:
        _, ann, _ = made.start(FOUR)
        await eventually(lambda: ann.over)
        assert elsewhere.looks == 0
        assert len(elsewhere.given) == 4


async def test_every_viewer_of_a_picture_is_shown_it_while_compute_works_once(rig: Rig) -> None:
    rig.compute.gate.clear()
    async with rig.client() as ann, rig.client(subject=BOB) as bob:
        await ann.open()
        await bob.open()
        await ann.until("opened")
        await bob.until("opened")
        await eventually(lambda: len(rig.compute.asks) == 1)
        rig.compute.gate.set()
        assert await ann.frame(1)
        assert await bob.frame(1)
    assert len(rig.compute.asks) == 1


async def test_a_restart_of_compute_while_dragging_resumes_by_itself(rig: Rig) -> None:
    async with rig.client() as client:
        await client.open()
        await client.frame(1)
        rig.compute.gate.clear()
        await client.send(set=pb.Set(view_id=1, seq=2, viewport=viewport(0, 7, 0, 7)))
        await eventually(lambda: len(rig.compute.asks) == 2)
        await rig.compute.stop()
        await eventually(lambda: rig.gateway.pool.connected == 0)
        await client.send(set=pb.Set(view_id=1, seq=3, viewport=viewport(0, 9, 0, 9)))
        rig.compute.gate.set()
        await rig.compute.start()
        assert await client.frame(3)


async def test_a_client_that_reads_packed_planes_gets_pieces_of_its_own(
    auth: AuthServer, compute: ComputeServer
) -> None:
    async with bench(auth, compute) as made:
        _, first, _ = made.start(FOUR)
        await eventually(lambda: first.over)
        _, second, _ = made.start(FOUR, BOB, packed=True)
        await eventually(lambda: second.over)
        assert [list(ask.codecs) for ask in compute.asks] == [[], [CODEC_PACKED]]
        _, third, _ = made.start(FOUR, BOB, packed=True)
        assert third.over
        assert len(compute.asks) == 2
