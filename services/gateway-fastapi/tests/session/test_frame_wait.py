"""A requested frame: its answers reach the session, and each has one end."""

import pytest
from gateway_rig.client import JSON, PROTO, opening
from gateway_rig.compute import ComputeServer, sample_id
from gateway_rig.pure import access, claims, errors, fetches, frames, pieces_of, receipt, renders
from gateway_rig.rig import Rig
from gateway_rig.waiting import eventually
from halftone.v1 import session_pb2 as pb
from halftone.v1.frame_pb2 import FRAME_STATUS_APPROXIMATE
from halftone_gateway.limits import SocketLimits
from halftone_gateway.session.effects import Effects, RequestFrame
from halftone_gateway.session.frame_wait import FrameWait
from halftone_gateway.session.session import Session
from halftone_servicekit.errors import HalftoneError


def waiting() -> tuple[FrameWait, RequestFrame, Effects, list[int]]:
    """The first frame of a view, what follows from its answers, and the requests that have ended."""
    session = Session("s", SocketLimits(), 0.0, has_origin=False)
    session.authenticated(claims(), 300.0)
    [fetch] = fetches(session.open(opening(1)))
    [request] = renders(session.granted(1, fetch.epoch, access()))
    effects: Effects = []
    ended: list[int] = []
    return FrameWait(request, session, effects.extend, ended.append), request, effects, ended


def test_pieces_reach_the_session_and_the_last_ones_end_it() -> None:
    wait, request, effects, ended = waiting()
    wait.arrived(pieces_of(request)[:1])
    assert (len(frames(effects)), ended) == (1, [])
    wait.finished(pieces_of(request)[1:], receipt())
    assert (len(frames(effects)), ended) == (2, [request.request_id])


def test_a_sample_and_progress_reach_the_session_and_end_nothing() -> None:
    wait, request, effects, ended = waiting()
    wait.sampled([(b"sample " + piece_id, piece) for piece_id, piece in pieces_of(request)], 0.5)
    wait.progressed(0.25)
    assert [frame.status for frame in frames(effects)] == [FRAME_STATUS_APPROXIMATE] * 2
    assert [frame.progress for frame in frames(effects)] == [0, 0.25]
    assert ended == []


def test_a_failure_ends_it() -> None:
    wait, request, effects, ended = waiting()
    wait.failed(HalftoneError("overloaded"))
    assert (errors(effects), ended) == (["overloaded"], [request.request_id])


def test_one_that_never_started_can_be_cancelled() -> None:
    wait, _, effects, ended = waiting()
    wait.cancel()
    assert (effects, ended) == ([], [])


@pytest.mark.parametrize("subprotocol", [PROTO, JSON])
async def test_a_client_that_asks_for_it_gets_an_approximate_frame_first(
    rig: Rig, compute: ComputeServer, subprotocol: str
) -> None:
    compute.fraction, compute.shares = 0.25, (0.5, 0.75)
    async with rig.client(subprotocol) as client:
        await client.open(approximate=True)
        *first, exact = await client.frame(1)
        assert [frame.status for frame in first[:3]] == [FRAME_STATUS_APPROXIMATE] * 3
        assert [frame.progress for frame in first[:3]] == [0, 0.5, 0.75]
        assert {piece.fraction for piece in first[0].pieces} == {0.25}
        assert first[0].receipt.fraction == 0.25
        last = {piece.piece_id for frame in (*first[3:], exact) for piece in frame.pieces}
        assert {sample_id(piece.piece_id) for piece in first[0].pieces} == last
        assert exact.receipt.fraction == 1
        await client.send(shown=pb.Shown(view_id=1, seq=1))
        # What was only estimated is not held: the same viewport is answered from what the exact frame brought.
        await client.send(set=pb.Set(view_id=1, seq=2, viewport=opening(1).viewport))
        [again] = await client.frame(2)
        assert set(again.reuse) == last


async def test_a_client_that_does_not_ask_for_it_gets_exact_frames_alone(rig: Rig, compute: ComputeServer) -> None:
    compute.fraction, compute.shares = 0.25, (0.5,)
    async with rig.client() as client:
        await client.open()
        frames = await client.frame(1)
        assert FRAME_STATUS_APPROXIMATE not in [frame.status for frame in frames]
        assert not compute.asks[0].approximate


async def test_a_view_that_is_cancelled_after_its_sample_gets_nothing_more(rig: Rig, compute: ComputeServer) -> None:
    compute.fraction = 0.25
    compute.gate.clear()
    async with rig.client() as client:
        await client.open(approximate=True)
        assert (await client.until("frame")).frame.status == FRAME_STATUS_APPROXIMATE
        await client.send(cancel=pb.Cancel(view_id=1, seq=1))
        assert (await client.error()).code == "cancelled"
        await eventually(lambda: len(compute.cancelled) == 1)
