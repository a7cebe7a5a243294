"""Rows without a place: every frame says them, also one that compute made no piece of."""

from dataclasses import replace

import pytest
from gateway_rig.auth import BOB, COLUMNS, AuthServer
from gateway_rig.bench import FOUR, TRACE, bench
from gateway_rig.compute import ComputeServer
from gateway_rig.pure import access
from gateway_rig.waiting import eventually
from halftone.v1.frame_pb2 import Receipt, Unplaced
from halftone_gateway.pieces import unplaced
from halftone_gateway.pieces.frame_request import FrameRequest
from halftone_gateway.pieces.planning import resolve_view
from halftone_gateway.pieces.unplaced import KnownUnplaced
from halftone_views import validate_options

# Statistics of two columns with holes do not tell in how many rows they meet.
HOLES = tuple(replace(column, nulls=1) for column in COLUMNS[:2])
SEVEN = Unplaced(missing=7)


async def test_every_frame_says_which_rows_have_no_place(auth: AuthServer, compute: ComputeServer) -> None:
    compute.unplaced = SEVEN
    async with bench(auth, compute) as made:
        made.shown = HOLES
        # The second frame joins the fetch of the first; the third finds everything in the cache.
        listeners = [made.start(FOUR)[1], made.start(FOUR, BOB)[1]]
        await eventually(lambda: all(listener.over for listener in listeners))
        listeners.append(made.start(FOUR)[1])
        assert [listener.receipt.unplaced for listener in listeners if listener.receipt] == [SEVEN] * 3
        assert len(compute.asks) == 1
        # A gateway that has only the pieces asks for one of them, though the client holds them all.
        made.broker.unplaced = KnownUnplaced()
        _, last, request = made.start(FOUR, held=4)
        await eventually(lambda: last.over)
        assert last.receipt is not None
        assert last.receipt.unplaced == SEVEN
        assert last.ids == {request.resolved.piece_ids[0]}
        assert len(compute.asks[1].tiles) == 1


async def test_statistics_tell_it_without_compute(auth: AuthServer, compute: ComputeServer) -> None:
    async with bench(auth, compute) as made:
        made.shown = (HOLES[0], COLUMNS[1])
        _, listener, _ = made.start(FOUR, held=4)
        assert listener.receipt is not None
        assert listener.receipt.unplaced == Unplaced(missing=1)
        assert not compute.asks


async def test_a_service_that_does_not_say_is_not_asked_again(auth: AuthServer, compute: ComputeServer) -> None:
    async with bench(auth, compute) as made:
        made.shown = HOLES
        for asks in (1, 1):
            _, listener, _ = made.start(FOUR)
            await eventually(lambda found=listener: found.over)  # type: ignore[misc]  # the listener of this turn
            assert listener.receipt is not None
            assert not listener.receipt.HasField("unplaced")
            assert len(compute.asks) == asks


async def test_a_frame_that_joined_goes_on_without_the_receipt_of_a_cancelled_one(
    auth: AuthServer, compute: ComputeServer
) -> None:
    compute.gate.clear()
    async with bench(auth, compute) as made:
        made.shown = HOLES
        first, _, _ = made.start(FOUR)
        second, bob, _ = made.start(FOUR, BOB)
        third, ann, _ = made.start(FOUR)
        first.cancel()
        third.cancel()
        compute.gate.set()
        await eventually(lambda: bob.over)
        assert bob.receipt is not None
        assert not ann.over
        assert not second.joined


def test_only_the_latest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unplaced, "_CAPACITY", 1)
    known = KnownUnplaced()
    first, second = (_request(column) for column in ("distance", "delay"))
    for request in (first, second):
        assert known.is_to_ask(request)
        known.learn(request, Receipt(unplaced=SEVEN))
    assert (known.of(first), known.of(second)) == (None, SEVEN)


def test_the_same_columns_on_another_scale_have_other_rows_without_a_place() -> None:
    known = KnownUnplaced()
    known.learn(_request("delay"), Receipt(unplaced=SEVEN))
    assert not known.is_to_ask(_request("delay", reduction="max"))
    assert known.is_to_ask(_request("delay", x_scale="log"))


def _request(value: str, **options: str) -> FrameRequest:
    who = access(shown=HOLES)
    given = {"x": "distance", "y": "delay", "reduction": "sum", "value": value, **options}
    view = validate_options("points", given)
    return FrameRequest(who, resolve_view(view, who, FOUR), (), TRACE)
