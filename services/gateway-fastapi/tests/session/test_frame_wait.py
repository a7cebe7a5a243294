"""A requested frame: its answers reach the session, and each has one end."""

from gateway_rig.client import opening
from gateway_rig.pure import access, claims, errors, fetches, frames, pieces_of, receipt, renders
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
