"""The session as a state machine: whatever happens in whatever order, its promises hold."""

import pytest
from gateway_rig.auth import BOB, uuid_of
from gateway_rig.client import opening, viewport
from gateway_rig.machine import SessionMachine
from gateway_rig.pure import (
    access,
    cancels,
    claims,
    closes,
    errors,
    fetches,
    frames,
    messages,
    pages,
    picks,
    pieces_of,
    receipt,
    renders,
)
from halftone.v1 import session_pb2 as pb
from halftone_gateway.limits import SocketLimits
from halftone_gateway.session.effects import CancelRows
from halftone_gateway.session.session import Session
from halftone_servicekit.errors import ErrorCode, HalftoneError
from hypothesis import settings

TestSessionMachine = SessionMachine.TestCase
TestSessionMachine.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)


def signed_in(limits: SocketLimits | None = None) -> Session:
    """A session at time 0 of a person whose token ends at 300."""
    session = Session("s", limits or SocketLimits(), 0.0, has_origin=False)
    assert session.authenticated(claims(), 300.0) == []
    return session


def showing(limits: SocketLimits | None = None, *views: int, renew_at: float = 1e9) -> Session:
    """A session with open views whose first frame is on screen."""
    session = signed_in(limits)
    for view_id in views or (1,):
        [fetch] = fetches(session.open(opening(view_id)))
        [render] = renders(session.granted(view_id, fetch.epoch, access(renew_at=renew_at)))
        session.finished(view_id, render.request_id, pieces_of(render), receipt())
        session.shown(pb.Shown(view_id=view_id, seq=1))
    return session


def test_nothing_goes_before_auth() -> None:
    session = Session("s", SocketLimits(), 0.0, has_origin=False)
    effects = session.admit("open", 0.0)
    assert effects is not None
    assert errors(effects) == ["auth_required"]
    assert closes(effects) == [4401]
    assert session.closed
    assert session.admit("ping", 0.0) == []
    assert session.authenticated(claims(), 300.0) == []
    assert session.claims is None
    assert session.bad(HalftoneError(ErrorCode.BAD_JSON), 0.0) == []
    assert session.end(HalftoneError(ErrorCode.FORBIDDEN)) == []
    assert session.draining(10) == []
    assert session.tick(1e9) == []
    assert session.next_deadline() == float("inf")


def test_silence_is_ended_after_five_seconds() -> None:
    session = Session("s", SocketLimits(), 100.0, has_origin=False)
    assert session.next_deadline() == 105.0
    assert session.tick(104.9) == []
    assert closes(session.tick(105.0)) == [4408]


def test_a_browsers_token_needs_an_origin() -> None:
    session = Session("s", SocketLimits(), 0.0, has_origin=False)
    effects = session.authenticated(claims(client="web"), 300.0)
    assert errors(effects) == ["origin_refused"]
    assert closes(effects) == [4403]
    assert Session("s", SocketLimits(), 0.0, has_origin=True).authenticated(claims(client="web"), 300.0) == []


def test_another_person_may_not_take_a_socket_over() -> None:
    session = signed_in()
    assert closes(session.authenticated(claims(BOB), 600.0)) == [4403]


def test_a_token_is_asked_for_before_it_ends_and_waited_for_after() -> None:
    session = signed_in()
    assert session.next_deadline() == 240.0
    [notice] = messages(session.tick(240.0))
    assert notice.notice.code == pb.NOTICE_CODE_REAUTH_SOON
    assert session.next_deadline() == 325.0
    assert session.tick(324.0) == []
    assert closes(session.tick(325.0)) == [4401]


def test_a_fresh_token_moves_the_end() -> None:
    session = signed_in()
    session.tick(250.0)
    assert session.authenticated(claims(), 550.0) == []
    [welcome] = messages(session.welcome(250.0))
    assert welcome.welcome.expires_in == 300
    assert session.next_deadline() == 490.0


def test_ten_bad_messages_in_ten_seconds_end_the_socket() -> None:
    session = signed_in()
    error = HalftoneError(ErrorCode.BAD_JSON)
    for second in range(9):
        assert errors(session.bad(error, second)) == ["bad_json"]
    assert closes(session.bad(error, 20.0)) == []
    slow = signed_in()
    ends = [closes(slow.bad(error, 0.1 * second)) for second in range(10)]
    assert ends == [*[[]] * 9, [4400]]


def wholes(*seqs: int) -> list[pb.Set]:
    """Sets that each want a picture of their own."""
    return [pb.Set(view_id=1, seq=seq, viewport=viewport(0, seq * 100, 0, 100, exact=True)) for seq in seqs]


def test_sets_over_the_rate_are_coalesced_and_the_newest_is_answered() -> None:
    session = showing(SocketLimits(message_burst=2, messages_per_second=10))
    answers = [session.set(message, 0.01 * place) for place, message in enumerate(wholes(2, 3, 4, 5, 6, 7))]
    assert [len(renders(effects)) for effects in answers] == [1, 1, 0, 0, 0, 0]
    assert session.next_deadline() == pytest.approx(0.1)
    assert session.tick(0.09) == []
    [render] = renders(session.tick(session.next_deadline()))
    assert render.seq == 7
    assert session.next_deadline() == 240.0


def test_states_that_follow_each_other_at_once_are_not_all_rendered() -> None:
    session = showing()
    answers = [session.set(message, 1.0) for message in wholes(2, 3, 4)]
    assert [len(renders(effects)) for effects in answers] == [1, 0, 0]
    assert session.next_deadline() == 1.005
    [render] = renders(session.tick(1.005))
    assert render.seq == 4
    assert renders(session.set(wholes(5)[0], 1.011))


def test_other_messages_over_the_rate_are_refused_with_the_time_to_wait() -> None:
    session = signed_in(SocketLimits(message_burst=1, messages_per_second=10))
    assert session.admit("ping", 0.0) is None
    [refusal] = messages(session.admit("ping", 0.0) or [])
    assert refusal.error.code == "rate_limited"
    assert refusal.error.retry_after_ms == 100
    assert session.admit("shown", 0.0) is None
    assert session.admit("drop", 0.0) is None


def test_a_flood_ends_the_socket() -> None:
    session = showing()
    ends: list[int] = []
    for number in range(2, 2000):
        ends = closes(session.set(pb.Set(view_id=1, seq=number), 0.0))
        if ends:
            break
    assert ends == [4429]
    assert number < 700
    other = signed_in(SocketLimits(message_burst=1))
    pings = [other.admit("ping", 0.0) or [] for _ in range(10)]
    assert [code for effects in pings for code in closes(effects)] == [4429]


def test_a_pointer_at_144_hertz_is_never_thrown_out() -> None:
    session = showing()
    for number in range(2, 144 * 30):
        assert not closes(session.set(pb.Set(view_id=1, seq=number), number / 144))


def test_a_view_with_an_unknown_option_is_refused_and_opens_nothing() -> None:
    session = signed_in()
    [refusal] = messages(session.open(opening(3, seq=9, options={"colour": "red"})))
    assert (refusal.error.code, refusal.error.view_id, refusal.error.seq) == ("unknown_field", 3, 9)
    [fetch] = fetches(session.open(opening(3, seq=9)))
    assert fetch.view_id == 3


def test_views_are_limited() -> None:
    session = showing(SocketLimits(views=2), 1, 2)
    [refusal] = messages(session.open(opening(3, seq=9)))
    assert (refusal.error.code, refusal.error.view_id, refusal.error.seq) == ("view_limit", 3, 9)
    assert fetches(session.open(opening(2)))


def test_a_view_that_is_not_there_is_not_found() -> None:
    session = signed_in()
    for effects in (
        session.set(pb.Set(view_id=5, seq=1), 0.0),
        session.shown(pb.Shown(view_id=5)),
        session.drop(pb.Drop(view_id=5)),
        session.cancel(pb.Cancel(view_id=5)),
        session.close(pb.Close(view_id=5)),
    ):
        assert errors(effects) == ["not_found"]
    assert session.arrived(5, 1, []) == []
    assert session.finished(5, 1, [], receipt()) == []
    assert session.failed(5, 1, HalftoneError(ErrorCode.INTERNAL)) == []
    assert session.granted(5, 1, access()) == []
    assert session.denied(5, 1, HalftoneError(ErrorCode.INTERNAL), 0.0) == []


def test_a_view_of_a_column_that_may_not_be_read_is_not_opened() -> None:
    session = signed_in()
    [fetch] = fetches(session.open(opening(1)))
    allowed = access(columns=frozenset({"distance"}))
    assert errors(session.granted(1, fetch.epoch, allowed)) == ["unknown_column"]
    assert not session.views


def test_a_refused_dataset_leaves_no_view() -> None:
    session = signed_in()
    [fetch] = fetches(session.open(opening(1)))
    error = HalftoneError(ErrorCode.UNKNOWN_DATASET, field="dataset")
    [refusal] = messages(session.denied(1, fetch.epoch, error, 0.0))
    assert (refusal.error.code, refusal.error.field, refusal.error.view_id) == ("unknown_dataset", "dataset", 1)
    assert not session.views


def test_a_grant_is_renewed_and_an_outage_of_auth_does_not_end_the_view() -> None:
    session = showing(renew_at=200.0)
    assert session.next_deadline() == 200.0
    [fetch] = fetches(session.tick(200.0))
    assert fetch.fresh
    assert fetch.version_id == access().version.version_id
    assert session.permission_changed("") == []
    assert session.denied(1, fetch.epoch, HalftoneError(ErrorCode.AUTH_UNAVAILABLE), 200.0) == []
    assert session.next_deadline() == 205.0
    [again] = fetches(session.tick(205.0))
    assert session.granted(1, again.epoch, access(renew_at=500.0)) == []
    assert session.next_deadline() == 240.0


def test_a_right_that_is_gone_closes_the_view() -> None:
    for code, told in ((ErrorCode.UNKNOWN_DATASET, "forbidden"), (ErrorCode.VERSION_GONE, "version_gone")):
        session = showing()
        [fetch] = fetches(session.permission_changed(uuid_of("flights")))
        [closed] = messages(session.denied(1, fetch.epoch, HalftoneError(code), 0.0))
        assert closed.closed.code == told
        assert not session.views


def test_a_right_that_has_shrunk_closes_the_view() -> None:
    for renewed in (access(policy="1"), access(columns=frozenset({"delay"})), access(version=uuid_of("flights/2"))):
        session = showing()
        [fetch] = fetches(session.permission_changed(""))
        [closed] = messages(session.granted(1, fetch.epoch, renewed))
        assert closed.closed.code == "forbidden"


def test_rights_to_another_dataset_are_no_matter() -> None:
    session = showing()
    assert session.permission_changed(uuid_of("other")) == []
    assert session.dataset_deleted(uuid_of("other")) == []
    assert session.dataset_deleted("") == []
    assert session.version_published(uuid_of("other"), pb.Version(version_id="v")) == []


def test_a_deleted_dataset_closes_its_views() -> None:
    session = showing()
    [closed] = messages(session.dataset_deleted(uuid_of("flights")))
    assert closed.closed.code == "version_gone"


def test_a_new_version_is_announced_to_the_views_of_the_old_one() -> None:
    session = showing()
    dataset = uuid_of("flights")
    assert session.version_published(dataset, access().version) == []
    [message] = messages(session.version_published(dataset, pb.Version(version_id="v2")))
    assert message.notice.code == pb.NOTICE_CODE_VERSION_AVAILABLE
    assert message.notice.view_id == 1
    assert message.notice.version.version_id == "v2"


def test_a_revoked_sign_in_ends_the_socket() -> None:
    session = showing()
    [render] = renders(session.set(pb.Set(view_id=1, seq=2, viewport=viewport(0, 9, 0, 9, exact=True)), 0.0))
    effects = session.revoked()
    assert errors(effects) == ["forbidden"]
    assert cancels(effects) == [render.request_id]
    assert closes(effects) == [4403]


def test_a_compute_service_that_comes_back_answers_what_was_asked() -> None:
    session = showing()
    [render] = renders(session.set(pb.Set(view_id=1, seq=2, viewport=viewport(0, 9, 0, 9, exact=True)), 0.0))
    assert errors(session.failed(1, render.request_id, HalftoneError(ErrorCode.COMPUTE_UNAVAILABLE))) == [
        "compute_unavailable"
    ]
    [again] = renders(session.compute_back())
    assert again.seq == 2
    assert session.compute_back() == []
    [frame] = frames(session.finished(1, again.request_id, pieces_of(again), receipt()))
    assert frame.seq == 2


def test_a_frame_waits_for_room_in_the_queue_of_the_socket() -> None:
    session = showing()
    [render] = renders(session.set(pb.Set(view_id=1, seq=2, viewport=viewport(0, 9, 0, 9, exact=True)), 0.0))
    session.set_room(False)
    assert frames(session.finished(1, render.request_id, pieces_of(render), receipt())) == []
    assert frames(session.drained()) == []
    session.set_room(True)
    [frame] = frames(session.drained())
    assert frame.seq == 2
    assert session.drained() == []


def test_a_grant_that_compute_refuses_is_fetched_again() -> None:
    session = showing()
    [render] = renders(session.set(pb.Set(view_id=1, seq=2, viewport=viewport(0, 9, 0, 9, exact=True)), 0.0))
    effects = session.failed(1, render.request_id, HalftoneError(ErrorCode.TOKEN_EXPIRED))
    assert errors(effects) == ["auth_unavailable"]
    [fetch] = fetches(effects)
    [again] = renders(session.granted(1, fetch.epoch, access()))
    assert again.seq == 2
    assert session.failed(1, render.request_id, HalftoneError(ErrorCode.INTERNAL)) == []


def test_other_failures_are_errors_with_their_seq() -> None:
    session = showing()
    [render] = renders(session.set(pb.Set(view_id=1, seq=2, viewport=viewport(0, 9, 0, 9, exact=True)), 0.0))
    error = HalftoneError(ErrorCode.OVERLOADED, retry_after_ms=250)
    [refusal] = messages(session.failed(1, render.request_id, error))
    assert (refusal.error.code, refusal.error.seq, refusal.error.retry_after_ms) == ("overloaded", 2, 250)
    assert session.compute_back() == []


def test_a_ping_is_answered() -> None:
    [pong] = messages(signed_in().ping())
    assert pong.HasField("pong")


def test_draining_says_when_to_come_back() -> None:
    [message] = messages(signed_in().draining(700))
    assert message.notice.code == pb.NOTICE_CODE_DRAINING
    assert message.notice.reconnect_after_ms == 700


def test_request_ids_name_the_session_and_differ() -> None:
    session = signed_in()
    first, second = (messages(session.bad(HalftoneError(ErrorCode.BAD_JSON), 0.0))[0].error for _ in range(2))
    assert first.request_id.startswith("s-")
    assert first.request_id != second.request_id


def test_a_pick_is_answered_once_and_the_newest_counts() -> None:
    session = showing()
    [first] = picks(session.pick(pb.PickRows(view_id=1, pick_id=1)))
    [second] = picks(session.pick(pb.PickRows(view_id=1, pick_id=2)))
    assert session.picked(pb.RowPage(view_id=1, pick_id=first.pick.pick_id)) == []
    [page] = pages(session.picked(pb.RowPage(view_id=1, pick_id=second.pick.pick_id)))
    assert page.pick_id == 2
    assert session.picked(page) == []
    assert session.pick_failed(1, 2, HalftoneError(ErrorCode.OVERLOADED)) == []
    assert session.picked(pb.RowPage(view_id=9, pick_id=1)) == []
    assert session.pick_failed(9, 1, HalftoneError(ErrorCode.OVERLOADED)) == []


def test_a_pick_that_fails_says_which() -> None:
    session = showing()
    session.pick(pb.PickRows(view_id=1, pick_id=5))
    [message] = messages(session.pick_failed(1, 5, HalftoneError(ErrorCode.OVERLOADED)))
    assert (message.error.code, message.error.view_id, message.error.pick_id, message.error.seq) == (
        "overloaded",
        1,
        5,
        0,
    )
    [message] = messages(session.pick(pb.PickRows(view_id=1, pick_id=6, limit=51)))
    assert (message.error.code, message.error.field, message.error.pick_id) == ("param_out_of_range", "limit", 6)
    assert errors(session.pick(pb.PickRows(view_id=2, pick_id=1))) == ["not_found"]


def test_a_pick_whose_grant_is_refused_asks_for_another() -> None:
    session = showing()
    session.pick(pb.PickRows(view_id=1, pick_id=5))
    effects = session.pick_failed(1, 5, HalftoneError(ErrorCode.TOKEN_EXPIRED))
    assert errors(effects) == ["auth_unavailable"]
    assert len(fetches(effects)) == 1


def test_a_pick_of_a_view_that_is_not_open_yet() -> None:
    session = signed_in()
    session.open(opening())
    assert errors(session.pick(pb.PickRows(view_id=1, pick_id=1))) == ["not_found"]


def test_a_view_that_closes_cancels_its_pick() -> None:
    session = showing()
    session.pick(pb.PickRows(view_id=1, pick_id=5))
    assert CancelRows(1) in session.close(pb.Close(view_id=1))
