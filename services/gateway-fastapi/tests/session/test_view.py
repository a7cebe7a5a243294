"""One view: what it requests, sends and keeps back."""

import math
from collections.abc import Sequence
from itertools import count

import pytest
from gateway_rig.client import opening, struct, viewport
from gateway_rig.pure import access, cancels, frames, notices, pieces_of, receipt, renders
from halftone.v1 import frame_pb2
from halftone.v1 import session_pb2 as pb
from halftone.v1.compute_pb2 import TRANSFORM_LINEAR, TRANSFORM_LOG10
from halftone.v1.frame_pb2 import FRAME_STATUS_EXACT, FRAME_STATUS_PARTIAL
from halftone_gateway.limits import SocketLimits
from halftone_gateway.session import delivery
from halftone_gateway.session.effects import RequestFrame
from halftone_gateway.session.view import OpenView
from halftone_servicekit.errors import HalftoneError

TILES = viewport(0, 1024, 0, 1024)
SHIFTED = viewport(512, 1536, 0, 1024)
OPENING = frame_pb2.Viewport(width=100, height=100, exact_viewport=True)
WHOLE = viewport(0, 100, 0, 100, exact=True)


def opened(limits: SocketLimits | None = None, held: Sequence[bytes] = ()) -> tuple[OpenView, RequestFrame]:
    """A view and its first request."""
    numbers = count(1)
    view = OpenView(opening(held=held), 1, limits or SocketLimits(), lambda: next(numbers))
    [render] = renders(view.granted(access()))
    return view, render


def moved(view: OpenView, seq: int, place: object) -> RequestFrame:
    """The request of a view after a move."""
    view.set(pb.Set(view_id=1, seq=seq, viewport=place), 0.0)  # type: ignore[arg-type]  # a viewport
    return renders(view.render())[0]


def finish(view: OpenView, render: RequestFrame, room: bool = True) -> list[pb.RelayFrame]:
    """Answers a request with all its pieces."""
    return frames(view.finished(render.request_id, pieces_of(render), receipt(), room))


def test_a_pan_ships_the_new_tiles_only() -> None:
    view, render = opened()
    [first] = finish(view, render)
    assert len(first.pieces) == 4
    assert not first.reuse
    second = moved(view, 2, SHIFTED)
    assert len(second.missing) == 2
    [frame] = finish(view, second)
    assert len(frame.pieces) == 2
    assert set(frame.reuse) < set(first.pieces)
    assert len(frame.reuse) == 2


def test_held_pieces_are_not_sent_after_a_reconnect() -> None:
    _, render = opened()
    view, again = opened(held=list(render.resolved.piece_ids))
    assert again.missing == ()
    [frame] = finish(view, again)
    assert frame.status == FRAME_STATUS_EXACT
    assert set(frame.reuse) == set(render.resolved.piece_ids)


def test_the_newest_wins_and_the_new_request_comes_before_the_cancel() -> None:
    view, first = opened()
    view.set(pb.Set(view_id=1, seq=2, viewport=WHOLE), 0.0)
    effects = view.render()
    assert [type(effect).__name__ for effect in effects] == ["RequestFrame", "CancelFrame"]
    assert cancels(effects) == [first.request_id]
    assert view.arrived(first.request_id, pieces_of(first), True) == []
    assert view.finished(first.request_id, pieces_of(first), receipt(), True) == []
    assert view.failed(first.request_id, stalled=True) is None


def test_pieces_are_shown_as_they_come() -> None:
    view, render = opened()
    pieces = pieces_of(render)
    [partial] = frames(view.arrived(render.request_id, pieces[:1], True))
    assert partial.status == FRAME_STATUS_PARTIAL
    assert not partial.HasField("receipt")
    [exact] = frames(view.finished(render.request_id, pieces[1:], receipt(), True))
    assert list(exact.pieces) == [piece for _, piece in pieces[1:]]
    assert exact.viewport.extent.x1 == 1024


def test_the_third_unshown_frame_waits_and_is_replaced_by_a_newer_one() -> None:
    view, render = opened()
    assert finish(view, render)
    assert finish(view, moved(view, 2, SHIFTED))
    assert finish(view, moved(view, 3, WHOLE)) == []
    fourth = moved(view, 4, viewport(0, 50, 0, 50, exact=True))
    assert view.arrived(fourth.request_id, pieces_of(fourth), True) == []
    assert frames(view.finished(fourth.request_id, [], receipt(), True)) == []
    [frame] = frames(view.shown(1, True))
    assert frame.seq == 4
    assert view.shown(2, True) == []


def test_showing_a_frame_gives_the_credits_of_earlier_ones_back() -> None:
    view, render = opened()
    finish(view, render)
    finish(view, moved(view, 2, SHIFTED))
    view.shown(2, True)
    assert finish(view, moved(view, 3, WHOLE))
    assert finish(view, moved(view, 4, viewport(0, 50, 0, 50, exact=True)))


def test_without_room_frames_wait() -> None:
    view, render = opened()
    assert finish(view, render, room=False) == []
    assert view.ship(False) == []
    [frame] = frames(view.ship(True))
    assert len(frame.pieces) == 4


def test_a_frame_that_waits_sends_nothing_that_came_meanwhile() -> None:
    view, render = opened(SocketLimits(unshown_frames=1))
    finish(view, render)
    waiting = moved(view, 2, SHIFTED)
    assert finish(view, waiting) == []
    # Requested before the waiting frame was sent, so it needs the same tiles again.
    newer = moved(view, 3, viewport(512, 1536, 0, 1000))
    assert newer.missing
    [second] = frames(view.shown(1, True))
    assert second.seq == 2
    assert finish(view, newer) == []
    [third] = frames(view.shown(2, True))
    assert set(third.reuse) >= set(second.pieces)
    assert not set(third.pieces) & set(second.pieces)


def test_a_piece_dropped_while_it_is_to_be_reused_is_asked_for_again() -> None:
    view, render = opened()
    finish(view, render)
    second = moved(view, 2, SHIFTED)
    view.drop([render.resolved.piece_ids[1]])
    effects = view.finished(second.request_id, pieces_of(second), receipt(), True)
    assert frames(effects) == []
    [again] = renders(effects)
    assert again.seq == 2
    assert len(again.missing) == 3
    [frame] = finish(view, again)
    assert len(frame.pieces) == 3


def test_a_dropped_piece_leaves_the_waiting_frame_to_the_newer_one() -> None:
    view, render = opened(SocketLimits(unshown_frames=1))
    finish(view, render)
    finish(view, moved(view, 2, SHIFTED))
    moved(view, 3, WHOLE)
    view.drop(render.resolved.piece_ids)
    assert view.shown(1, True) == []


def test_a_degraded_frame_is_followed_by_one_notice() -> None:
    view, render = opened(SocketLimits(unshown_frames=1))
    effects = view.finished(render.request_id, pieces_of(render), receipt("card_lost"), True)
    assert [type(effect).__name__ for effect in effects] == ["SendFrame", "Send"]
    [notice] = notices(effects)
    assert (notice.code, notice.view_id) == (pb.NOTICE_CODE_DEGRADED, 1)
    assert frames(effects)[0].receipt.degraded == "card_lost"
    second = moved(view, 2, SHIFTED)
    # A frame that is kept back tells when it goes out.
    assert view.finished(second.request_id, pieces_of(second), receipt("out_of_memory"), True) == []
    assert len(notices(view.shown(1, True))) == 1
    third = moved(view, 3, WHOLE)
    view.shown(2, True)
    assert notices(view.finished(third.request_id, pieces_of(third), receipt("card_lost"), True)) == []


def test_a_large_frame_comes_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "FRAME_BYTES", 40)
    view, render = opened()
    sent = finish(view, render)
    assert [len(frame.pieces) for frame in sent] == [2, 2]
    assert [frame.status for frame in sent] == [FRAME_STATUS_PARTIAL, FRAME_STATUS_EXACT]


def test_the_memory_of_held_pieces_is_bounded() -> None:
    view, render = opened(SocketLimits(held_pieces=3))
    finish(view, render)
    view.set(pb.Set(view_id=1, seq=2), 0.0)
    [again] = renders(view.render())
    assert len(again.missing) == 1


@pytest.mark.parametrize("seq", [0, 1])
def test_a_seq_must_grow(seq: int) -> None:
    view, _ = opened()
    with pytest.raises(HalftoneError, match="bad_seq"):
        view.set(pb.Set(view_id=1, seq=seq), 0.0)


def test_a_refused_set_leaves_the_view_and_uses_up_its_seq() -> None:
    view, render = opened()
    with pytest.raises(HalftoneError, match="unknown_column"):
        view.set(pb.Set(view_id=1, seq=2, options=struct({"x": "nope"})), 0.0)
    with pytest.raises(HalftoneError, match="bad_seq"):
        view.set(pb.Set(view_id=1, seq=2, viewport=WHOLE), 0.0)
    assert finish(view, render)[0].seq == 1
    view.set(pb.Set(view_id=1, seq=3, viewport=TILES), 0.0)
    assert renders(view.render())[0].missing == ()


def test_options_are_patched() -> None:
    view, _ = opened()
    view.set(pb.Set(view_id=1, seq=2, options=struct({"reduction": "mean", "value": "delay"})), 0.0)
    [render] = renders(view.render())
    assert render.resolved.plan.value == "delay"
    view.set(pb.Set(view_id=1, seq=3, options=struct({"reduction": None, "value": None})), 0.0)
    [render] = renders(view.render())
    assert render.resolved.plan.value == ""


def test_a_change_before_the_grant_is_answered_with_it() -> None:
    numbers = count(1)
    view = OpenView(opening(), 1, SocketLimits(), lambda: next(numbers))
    view.set(pb.Set(view_id=1, seq=2, viewport=WHOLE), 0.0)
    assert view.render() == []
    [render] = renders(view.granted(access()))
    assert render.seq == 2
    assert render.resolved.addresses is None


def test_cancel_stops_what_runs_and_what_waits() -> None:
    view, render = opened(SocketLimits(unshown_frames=1))
    assert cancels(view.cancel(1)) == [render.request_id]
    assert view.cancel(1) == []
    finish(view, moved(view, 2, TILES))
    assert finish(view, moved(view, 3, WHOLE)) == []
    running = moved(view, 4, SHIFTED)
    assert view.cancel(3) == []
    assert view.shown(2, True) == []
    assert finish(view, running)


def test_seqs_of_the_future_are_refused() -> None:
    view, _ = opened()
    with pytest.raises(HalftoneError, match="bad_seq"):
        view.shown(9, True)
    with pytest.raises(HalftoneError, match="bad_seq"):
        view.cancel(9)


def test_a_piece_id_has_sixteen_bytes() -> None:
    view, _ = opened()
    with pytest.raises(HalftoneError, match="param_invalid"):
        view.drop([b"short"])
    with pytest.raises(HalftoneError, match="param_invalid"):
        opened(held=[b"short"])


def test_opened_says_what_there_is() -> None:
    view = OpenView(opening(options={}), 1, SocketLimits(), lambda: 1)
    opened_message = view.granted(access())[0].message.opened  # type: ignore[union-attr]  # a Send
    assert opened_message.options["x"] == "distance"
    assert opened_message.options["reduction"] == "count"
    assert [column.name for column in opened_message.columns] == ["distance", "delay", "carrier"]
    assert opened_message.lattice.tile_cells == 256
    assert opened_message.extent.x0 == 0


def test_an_axis_on_another_scale_opens_in_its_own_units() -> None:
    view, before = opened()
    view.set(pb.Set(view_id=1, seq=2, options=struct({"x_scale": "log"}), viewport=OPENING), 0.0)
    [render] = renders(view.render())
    assert render.resolved.x.transform == TRANSFORM_LOG10
    assert render.resolved.y is not None
    assert render.resolved.y.transform == TRANSFORM_LINEAR
    # 1024 is the greatest value.
    assert render.resolved.viewport.x1 == pytest.approx(math.log10(1024), rel=0.1)
    assert not set(render.resolved.piece_ids) & set(before.resolved.piece_ids)


def test_a_move_keeps_the_plan() -> None:
    view, render = opened()
    assert moved(view, 2, SHIFTED).resolved.plan is render.resolved.plan
    view.set(pb.Set(view_id=1, seq=3, options=struct({"reduction": "any"})), 0.0)
    [changed] = renders(view.render())
    assert changed.resolved.plan is not render.resolved.plan
    assert changed.resolved.quantity.label != render.resolved.quantity.label
