"""Fetches: relayed to every frame that waits, samples first, cancelled with the last of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest
from gateway_rig.auth import BOB, AuthServer
from gateway_rig.bench import FOUR, bench
from gateway_rig.client import viewport
from gateway_rig.compute import ComputeServer, sample_id
from gateway_rig.waiting import eventually
from halftone.v1.frame_pb2 import Piece
from halftone_gateway.pieces.cache import Scope


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


@dataclass
class Everything:
    """A shared cache that is empty, and notes what it is given."""

    put_ids: set[bytes] = field(default_factory=set)
    is_up: bool = True

    async def get(self, piece_ids: Sequence[bytes], scope: Scope) -> Mapping[bytes, bytes]:
        return {}

    def put(self, piece_id: bytes, scope: Scope, piece: bytes) -> None:
        self.put_ids.add(piece_id)
