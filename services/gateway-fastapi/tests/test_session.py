"""The session as a state machine: whatever happens in whatever order, its promises hold."""

from dataclasses import replace
from typing import Any

import hypothesis.strategies as st
from gateway_rig.auth import BOB, uuid_of
from gateway_rig.client import opening, struct, viewport
from gateway_rig.pure import (
    Screen,
    access,
    cancels,
    claims,
    closes,
    errors,
    fetches,
    frames,
    messages,
    pieces_of,
    receipt,
    renders,
)
from halftone.v1 import session_pb2 as pb
from halftone_gateway.effects import CancelRender, Effects, FetchGrant, Render, Send, SendFrame
from halftone_gateway.limits import Limits
from halftone_gateway.session import Session
from halftone_servicekit.errors import ErrorCode, HalftoneError
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

VIEWPORTS = [
    viewport(0, 1024, 0, 1024),
    viewport(256, 1280, 0, 1024),
    viewport(0, 100, 0, 100, exact=True),
    viewport(0, 64, 0, 64, side=64),
]
VIEW_IDS = st.sampled_from([0, 0, 1, 2])
SHARES = st.sampled_from([0.0, 0.5, 1.0])
OPTIONS: list[dict[str, Any]] = [
    {},
    {},
    {},
    {"reduction": "mean", "value": "delay"},
    {"x": "nope"},
    {"reduction": "nope"},
]


class SessionMachine(RuleBasedStateMachine):
    """Drives a session with everything that can happen, and watches from the client's side."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        limits = Limits(views=2, held_pieces=64, message_burst=20)
        self.session = Session("s", limits, self.now, has_origin=False)
        self.session.authenticated(claims(), 1e6)
        self.seqs: dict[int, int] = {}
        self.screens: dict[int, Screen] = {}
        self.fetching: list[FetchGrant] = []
        self.runs: dict[int, Render] = {}
        self.needed: dict[tuple[int, int], tuple[bytes, ...]] = {}

    def take(self, effects: Effects) -> None:
        """Carries effects out as the edge and a client would."""
        for effect in effects:
            match effect:
                case FetchGrant():
                    self.fetching.append(effect)
                case Render():
                    self.runs[effect.run] = effect
                    self.needed[effect.view_id, effect.seq] = effect.planned.piece_ids
                case CancelRender(run):
                    del self.runs[run]
                case SendFrame(frame):
                    self.screens[frame.view_id].take(frame, self._expected(frame))
                case Send(message):
                    self._hear(message)

    def _expected(self, frame: pb.RelayFrame) -> tuple[bytes, ...]:
        return self.needed[frame.view_id, frame.seq]

    def _hear(self, message: pb.ServerMessage) -> None:
        if message.HasField("opened"):
            assert message.opened.seq <= self.seqs[message.opened.view_id]
        if message.HasField("closed"):
            self.screens.pop(message.closed.view_id, None)

    def next_seq(self, view_id: int) -> int:
        self.seqs[view_id] = self.seqs.get(view_id, 0) + 1
        return self.seqs[view_id]

    @initialize()
    def begin(self) -> None:
        for view_id in (0, 1):
            self._open(view_id, VIEWPORTS[0], "points")
            asked = self.fetching.pop()
            self.take(self.session.granted(asked.view_id, asked.epoch, access()))

    @rule(
        view_id=VIEW_IDS,
        place=st.sampled_from([*VIEWPORTS, None]),
        options=st.sampled_from(OPTIONS),
        jumps=st.sampled_from([True, True, True, False]),
    )
    def set(self, view_id: int, place: Any, options: dict[str, Any], jumps: bool) -> None:  # noqa: ANN401 - a viewport
        seq = self.next_seq(view_id) if jumps else self.seqs.get(view_id, 0)
        self.take(self.session.set(pb.Set(view_id=view_id, seq=seq, options=struct(options), viewport=place), self.now))

    @precondition(lambda self: self.runs)
    @rule(data=st.data(), share=SHARES)
    def progress(self, data: st.DataObject, share: float) -> None:
        self._progress(data.draw(st.sampled_from(sorted(self.runs))), share)

    @precondition(lambda self: self.runs)
    @rule(data=st.data(), share=SHARES)
    def finish(self, data: st.DataObject, share: float) -> None:
        run = data.draw(st.sampled_from(sorted(self.runs)))
        self._progress(run, share)
        render = self.runs.pop(run)
        self.take(self.session.finished(render.view_id, run, pieces_of(render), receipt()))

    @precondition(lambda self: self.runs)
    @rule(data=st.data(), code=st.sampled_from([ErrorCode.OVERLOADED, ErrorCode.COMPUTE_UNAVAILABLE]))
    def fail(self, data: st.DataObject, code: ErrorCode) -> None:
        run = data.draw(st.sampled_from(sorted(self.runs)))
        render = self.runs.pop(run)
        self.take(self.session.failed(render.view_id, run, HalftoneError(code)))

    @precondition(lambda self: self.fetching)
    @rule(data=st.data(), code=st.sampled_from([None, None, ErrorCode.UNKNOWN_DATASET, ErrorCode.AUTH_UNAVAILABLE]))
    def grant(self, data: st.DataObject, code: ErrorCode | None) -> None:
        asked = self.fetching.pop(data.draw(st.integers(0, len(self.fetching) - 1)))
        if code is None:
            self.take(self.session.granted(asked.view_id, asked.epoch, access()))
        else:
            self.take(self.session.denied(asked.view_id, asked.epoch, HalftoneError(code), self.now))

    @rule(view_id=VIEW_IDS)
    def shown(self, view_id: int) -> None:
        screen = self.screens.get(view_id)
        if screen and screen.seq >= 0 and view_id in self.session.views:
            screen.unshown = 0
            self.take(self.session.shown(pb.Shown(view_id=view_id, seq=screen.seq)))

    @rule(view_id=VIEW_IDS, share=SHARES)
    def drop(self, view_id: int, share: float) -> None:
        screen = self.screens.get(view_id)
        if screen:
            evicted = sorted(screen.held)[: int(len(screen.held) * share)]
            screen.held -= set(evicted)
            self.take(self.session.drop(pb.Drop(view_id=view_id, piece_ids=evicted)))

    @rule(view_id=VIEW_IDS, how=st.sampled_from(["open", "open", "nonsense", "cancel", "close"]))
    def disturb(self, view_id: int, how: str) -> None:
        match how:
            case "cancel":
                self.take(self.session.cancel(pb.Cancel(view_id=view_id, seq=self.seqs.get(view_id, 0))))
            case "close":
                self.take(self.session.close(pb.Close(view_id=view_id)))
            case _:
                self._open(view_id, VIEWPORTS[1], "points" if how == "open" else "nope")

    def _open(self, view_id: int, place: Any, kind: str) -> None:  # noqa: ANN401 - a viewport
        held = sorted(self.screens[view_id].held) if view_id in self.screens else []
        effects = self.session.open(opening(view_id, self.next_seq(view_id), viewport=place, kind=kind, held=held))
        if fetches(effects):
            self.screens[view_id] = Screen(held=set(held))
        self.take(effects)

    def _progress(self, run: int, share: float) -> None:
        render = self.runs[run]
        pieces = pieces_of(render)
        cut = int(len(pieces) * share)
        # What has arrived does not arrive again.
        self.runs[run] = replace(render, missing=render.missing[cut:])
        self.take(self.session.arrived(render.view_id, run, pieces[:cut]))

    @rule(seconds=st.floats(0, 2))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.take(self.session.tick(self.now))

    @rule(room=st.booleans())
    def drain(self, room: bool) -> None:
        self.session.room = room
        self.take(self.session.drained())

    @rule()
    def compute_back(self) -> None:
        self.take(self.session.compute_back())

    @rule()
    def rights_change(self) -> None:
        self.take(self.session.permission_changed(""))

    @invariant()
    def one_run_a_view(self) -> None:
        views = [render.view_id for render in self.runs.values()]
        assert len(views) == len(set(views)), "one request runs for a view"
        assert set(views) <= self.session.views.keys(), "nothing is made for a view that is gone"

    @invariant()
    def bounded(self) -> None:
        assert len(self.session.views) <= 2


TestSessionMachine = SessionMachine.TestCase
TestSessionMachine.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)


def signed_in(limits: Limits | None = None) -> Session:
    """A session at time 0 of a person whose token ends at 300."""
    session = Session("s", limits or Limits(), 0.0, has_origin=False)
    assert session.authenticated(claims(), 300.0) == []
    return session


def showing(limits: Limits | None = None, *views: int, renew_at: float = 1e9) -> Session:
    """A session with open views whose first frame is on screen."""
    session = signed_in(limits)
    for view_id in views or (1,):
        [fetch] = fetches(session.open(opening(view_id)))
        [render] = renders(session.granted(view_id, fetch.epoch, access(renew_at=renew_at)))
        session.finished(view_id, render.run, pieces_of(render), receipt())
        session.shown(pb.Shown(view_id=view_id, seq=1))
    return session


def test_nothing_goes_before_auth() -> None:
    session = Session("s", Limits(), 0.0, has_origin=False)
    effects = session.admit("open", 0.0)
    assert effects is not None
    assert errors(effects) == ["auth_required"]
    assert closes(effects) == [4401]
    assert session.admit("ping", 0.0) == []
    assert session.authenticated(claims(), 300.0) == []
    assert session.claims is None
    assert session.bad(HalftoneError(ErrorCode.BAD_JSON), 0.0) == []
    assert session.end(HalftoneError(ErrorCode.FORBIDDEN)) == []
    assert session.draining(10) == []
    assert session.tick(1e9) == []
    assert session.next_deadline() == float("inf")


def test_silence_is_ended_after_five_seconds() -> None:
    session = Session("s", Limits(), 100.0, has_origin=False)
    assert session.next_deadline() == 105.0
    assert session.tick(104.9) == []
    assert closes(session.tick(105.0)) == [4408]


def test_a_browsers_token_needs_an_origin() -> None:
    session = Session("s", Limits(), 0.0, has_origin=False)
    effects = session.authenticated(claims(client="web"), 300.0)
    assert errors(effects) == ["origin_refused"]
    assert closes(effects) == [4403]
    assert Session("s", Limits(), 0.0, has_origin=True).authenticated(claims(client="web"), 300.0) == []


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


def test_sets_over_the_rate_are_coalesced_and_the_newest_is_answered() -> None:
    session = showing(Limits(message_burst=2, messages_per_second=10))
    answers = [
        session.set(pb.Set(view_id=1, seq=seq, viewport=viewport(0, seq * 100, 0, 100, exact=True)), 0.0)
        for seq in range(2, 8)
    ]
    assert [len(renders(effects)) for effects in answers] == [1, 1, 0, 0, 0, 0]
    assert session.next_deadline() == 0.1
    [render] = renders(session.tick(0.1))
    assert render.seq == 7


def test_other_messages_over_the_rate_are_refused_with_the_time_to_wait() -> None:
    session = signed_in(Limits(message_burst=1, messages_per_second=10))
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
    other = signed_in(Limits(message_burst=1))
    pings = [other.admit("ping", 0.0) or [] for _ in range(10)]
    assert [code for effects in pings for code in closes(effects)] == [4429]


def test_a_pointer_at_144_hertz_is_never_thrown_out() -> None:
    session = showing()
    for number in range(2, 144 * 30):
        assert not closes(session.set(pb.Set(view_id=1, seq=number), number / 144))


def test_views_are_limited() -> None:
    session = showing(Limits(views=2), 1, 2)
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


def test_a_new_version_is_told_to_the_views_of_the_old_one() -> None:
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
    assert cancels(effects) == [render.run]
    assert closes(effects) == [4403]


def test_a_compute_service_that_comes_back_answers_what_was_asked() -> None:
    session = showing()
    [render] = renders(session.set(pb.Set(view_id=1, seq=2, viewport=viewport(0, 9, 0, 9, exact=True)), 0.0))
    assert errors(session.failed(1, render.run, HalftoneError(ErrorCode.COMPUTE_UNAVAILABLE))) == [
        "compute_unavailable"
    ]
    [again] = renders(session.compute_back())
    assert again.seq == 2
    assert session.compute_back() == []
    [frame] = frames(session.finished(1, again.run, pieces_of(again), receipt()))
    assert frame.seq == 2


def test_a_grant_that_compute_refuses_is_fetched_again() -> None:
    session = showing()
    [render] = renders(session.set(pb.Set(view_id=1, seq=2, viewport=viewport(0, 9, 0, 9, exact=True)), 0.0))
    effects = session.failed(1, render.run, HalftoneError(ErrorCode.TOKEN_EXPIRED))
    assert errors(effects) == ["auth_unavailable"]
    [fetch] = fetches(effects)
    [again] = renders(session.granted(1, fetch.epoch, access()))
    assert again.seq == 2
    assert session.failed(1, render.run, HalftoneError(ErrorCode.INTERNAL)) == []


def test_other_failures_are_told_with_their_seq() -> None:
    session = showing()
    [render] = renders(session.set(pb.Set(view_id=1, seq=2, viewport=viewport(0, 9, 0, 9, exact=True)), 0.0))
    error = HalftoneError(ErrorCode.OVERLOADED, retry_after_ms=250)
    [refusal] = messages(session.failed(1, render.run, error))
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
