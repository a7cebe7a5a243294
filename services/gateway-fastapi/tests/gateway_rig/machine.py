"""A session driven by everything that can happen, in any order, and watched from the client's side."""

from dataclasses import replace
from typing import Any

import hypothesis.strategies as st
from halftone.v1 import session_pb2 as pb
from halftone_gateway.limits import SocketLimits
from halftone_gateway.session.effects import CancelFrame, Effects, FetchGrant, RequestFrame, Send, SendFrame
from halftone_gateway.session.session import Session
from halftone_servicekit.errors import ErrorCode, HalftoneError
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gateway_rig.client import opening, struct, viewport
from gateway_rig.pure import (
    Screen,
    access,
    claims,
    fetches,
    pieces_of,
    receipt,
    relayed,
)

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
        limits = SocketLimits(views=2, held_pieces=64, message_burst=20)
        self.session = Session("s", limits, self.now, has_origin=False)
        self.session.authenticated(claims(), 1e6)
        self.seqs: dict[int, int] = {}
        self.screens: dict[int, Screen] = {}
        self.fetching: list[FetchGrant] = []
        self.requests: dict[int, RequestFrame] = {}
        self.needed: dict[tuple[int, int], tuple[bytes, ...]] = {}

    def take(self, effects: Effects) -> None:
        """Carries effects out as the edge and a client would."""
        for effect in effects:
            match effect:
                case FetchGrant():
                    self.fetching.append(effect)
                case RequestFrame():
                    self.requests[effect.request_id] = effect
                    self.needed[effect.view_id, effect.seq] = effect.resolved.piece_ids
                case CancelFrame(request_id):
                    del self.requests[request_id]
                case SendFrame(message):
                    frame = relayed(message)
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
        self.now += 0.01
        seq = self.next_seq(view_id) if jumps else self.seqs.get(view_id, 0)
        self.take(self.session.set(pb.Set(view_id=view_id, seq=seq, options=struct(options), viewport=place), self.now))

    @precondition(lambda self: self.requests)
    @rule(data=st.data(), share=SHARES)
    def progress(self, data: st.DataObject, share: float) -> None:
        self._progress(data.draw(st.sampled_from(sorted(self.requests))), share)

    @precondition(lambda self: self.requests)
    @rule(data=st.data(), share=SHARES)
    def finish(self, data: st.DataObject, share: float) -> None:
        request_id = data.draw(st.sampled_from(sorted(self.requests)))
        self._progress(request_id, share)
        render = self.requests.pop(request_id)
        self.take(self.session.finished(render.view_id, request_id, pieces_of(render), receipt()))

    @precondition(lambda self: self.requests)
    @rule(data=st.data(), code=st.sampled_from([ErrorCode.OVERLOADED, ErrorCode.COMPUTE_UNAVAILABLE]))
    def fail(self, data: st.DataObject, code: ErrorCode) -> None:
        request_id = data.draw(st.sampled_from(sorted(self.requests)))
        render = self.requests.pop(request_id)
        self.take(self.session.failed(render.view_id, request_id, HalftoneError(code)))

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

    def _progress(self, request_id: int, share: float) -> None:
        render = self.requests[request_id]
        pieces = pieces_of(render)
        cut = int(len(pieces) * share)
        # What has arrived does not arrive again.
        self.requests[request_id] = replace(render, missing=render.missing[cut:])
        self.take(self.session.arrived(render.view_id, request_id, pieces[:cut]))

    @rule(seconds=st.floats(0, 2))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.take(self.session.tick(self.now))

    @rule(room=st.booleans())
    def drain(self, room: bool) -> None:
        self.session.set_room(room)
        self.take(self.session.drained())

    @rule()
    def compute_back(self) -> None:
        self.take(self.session.compute_back())

    @rule()
    def rights_change(self) -> None:
        self.take(self.session.permission_changed(""))

    @invariant()
    def one_request_a_view(self) -> None:
        views = [render.view_id for render in self.requests.values()]
        assert len(views) == len(set(views)), "one request runs for a view"
        assert set(views) <= self.session.views, "nothing is made for a view that is gone"

    @invariant()
    def bounded(self) -> None:
        assert len(self.session.views) <= 2
