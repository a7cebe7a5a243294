"""Pieces: fetched once, cached by scope, shared, and cancelled with the last frame that needs them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest
from gateway_rig.auth import ANN, BOB, AuthServer
from gateway_rig.bench import FOUR, bench
from gateway_rig.client import viewport
from gateway_rig.compute import ComputeServer, sample_id
from gateway_rig.rig import Rig
from gateway_rig.waiting import eventually
from halftone.v1 import session_pb2 as pb
from halftone.v1.compute_pb2 import Failure
from halftone.v1.frame_pb2 import CODEC_PACKED, Piece
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


async def test_a_fetch_is_cancelled_with_the_last_frame_that_needs_it(auth: AuthServer, compute: ComputeServer) -> None:
    compute.gate.clear()
    async with bench(auth, compute) as made:
        first, ann, _ = made.start(FOUR)
        second, bob, _ = made.start(FOUR, BOB)
        await eventually(lambda: len(compute.asks) == 1)
        first.cancel()
        _, marker, _ = made.start(viewport(0, 8, 0, 8))
        await eventually(lambda: len(compute.asks) == 2)
        assert not compute.cancelled, "another frame still needs it"
        second.cancel()
        await eventually(lambda: compute.cancelled == [compute.asks[0].request_id])
        compute.gate.set()
        await eventually(lambda: marker.over)
        assert not ann.over
        assert not bob.over


async def test_a_fetch_outlives_the_frame_that_started_it(auth: AuthServer, compute: ComputeServer) -> None:
    compute.gate.clear()
    async with bench(auth, compute) as made:
        owner, ann, _ = made.start(FOUR)
        _, bob, request = made.start(FOUR, BOB)
        owner.cancel()
        compute.gate.set()
        await eventually(lambda: bob.over)
        assert bob.ids == set(request.resolved.piece_ids)
        assert not ann.over


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


async def test_a_frame_may_come_from_several_services(auth: AuthServer, compute: ComputeServer) -> None:
    async with ComputeServer().serve() as other, bench(auth, compute, other) as made:
        _, listener, request = made.start(viewport(0, 2**15, 0, 2**15, side=2048))
        for number in range(8):
            made.start(viewport(number * 2**15, (number + 1) * 2**15, 0, 2**15, side=2048))
        await eventually(lambda: listener.over)
        await eventually(lambda: bool(compute.asks) and bool(other.asks))
        assert listener.ids == set(request.resolved.piece_ids)


async def test_a_piece_that_was_left_out_is_an_error(
    auth: AuthServer, compute: ComputeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = compute.pieces
    monkeypatch.setattr(compute, "pieces", lambda asked: whole(asked)[1:])
    async with bench(auth, compute) as made:
        _, listener, _ = made.start(FOUR)
        await eventually(lambda: listener.over)
        assert listener.error is not None
        assert listener.error.code == "internal"


async def test_a_piece_that_was_not_asked_for_goes_nowhere(
    auth: AuthServer, compute: ComputeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = compute.pieces

    def with_another(asked: object) -> list[object]:
        pieces = whole(asked)  # type: ignore[arg-type]  # an ask
        stray = type(pieces[0])(piece_id=b"x" * 16, piece=b"stray")
        return [stray, *pieces]

    monkeypatch.setattr(compute, "pieces", with_another)
    async with bench(auth, compute) as made:
        _, listener, request = made.start(FOUR)
        await eventually(lambda: listener.over)
        assert listener.ids == set(request.resolved.piece_ids)
        assert len(made.cache) == 4


async def test_pieces_are_relayed_as_they_are(auth: AuthServer, compute: ComputeServer) -> None:
    async with bench(auth, compute) as made:
        _, listener, _ = made.start(FOUR)
        await eventually(lambda: listener.over)
        for piece_id, piece in (encoded for batch in listener.batches for encoded in batch):
            assert Piece.FromString(piece).piece_id == piece_id


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


@pytest.fixture
def sampling(compute: ComputeServer) -> ComputeServer:
    """A compute service that answers first from one row in four, and then waits."""
    compute.fraction, compute.shares = 0.25, (0.5,)
    compute.gate.clear()
    return compute


async def test_pieces_of_a_sample_come_first_and_no_cache_gets_them(auth: AuthServer, sampling: ComputeServer) -> None:
    shared = Everything()
    async with bench(auth, sampling, shared=shared) as made:
        _, listener, request = made.start(FOUR, approximate=True)
        await eventually(lambda: listener.shares == [0.5])
        [(pieces, fraction)] = listener.samples
        assert fraction == 0.25
        assert [piece_id for piece_id, _ in pieces] == [sample_id(own) for own in request.resolved.piece_ids]
        assert not len(made.cache)
        assert not shared.put_ids
        sampling.gate.set()
        await eventually(lambda: listener.over)
        assert listener.ids == set(request.resolved.piece_ids)
        assert shared.put_ids == listener.ids
        assert len(made.cache) == 4
        _, again, _ = made.start(FOUR, approximate=True)
        assert again.receipt is not None
        assert (again.ids, again.samples) == (listener.ids, [])


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


async def test_who_joins_later_gets_the_sample_too(auth: AuthServer, sampling: ComputeServer) -> None:
    async with bench(auth, sampling) as made:
        _, first, request = made.start(FOUR, approximate=True)
        await eventually(lambda: first.shares == [0.5])
        _, late, _ = made.start(FOUR, BOB, held=1, approximate=True)
        [(pieces, fraction)] = late.samples
        assert fraction == 0.25
        # What a client holds needs no sample.
        assert [piece_id for piece_id, _ in pieces] == [sample_id(own) for own in request.resolved.piece_ids[1:]]
        sampling.gate.set()
        await eventually(lambda: first.over and late.over)
        assert len(sampling.asks) == 1


async def test_nothing_comes_after_a_cancel(auth: AuthServer, sampling: ComputeServer) -> None:
    async with bench(auth, sampling) as made:
        frame, listener, _ = made.start(FOUR, approximate=True)
        await eventually(lambda: listener.shares == [0.5])
        frame.cancel()
        await eventually(lambda: len(sampling.cancelled) == 1)
        sampling.gate.set()
        assert not listener.over
        assert not len(made.cache)


@dataclass
class Everything:
    """A shared cache that is empty, and notes what it is given."""

    put_ids: set[bytes] = field(default_factory=set)
    is_up: bool = True

    async def get(self, piece_ids: Sequence[bytes], scope: Scope) -> Mapping[bytes, bytes]:
        return {}

    def put(self, piece_id: bytes, scope: Scope, piece: bytes) -> None:
        self.put_ids.add(piece_id)


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
