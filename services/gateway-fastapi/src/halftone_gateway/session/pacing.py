"""When the newest state of one view is rendered: at once, a little later, or after an outage."""

import math
from collections.abc import Mapping
from enum import Enum, auto
from typing import Final

from halftone_gateway.limits import RENDER_GAP_S


class PacingState(Enum):
    """What becomes of the newest state of a view.

    | state | event | next |
    |---|---|---|
    | IDLE | CHANGE | DUE |
    | IDLE | START | RENDERING |
    | IDLE | DISMISS | IDLE |
    | DUE | CHANGE | DUE |
    | DUE | START | RENDERING |
    | DUE | DISMISS | IDLE |
    | RENDERING | CHANGE | RENDERING_DUE |
    | RENDERING | START | RENDERING |
    | RENDERING | END | IDLE |
    | RENDERING | STALL | STALLED |
    | RENDERING | DISMISS | RENDERING |
    | RENDERING_DUE | CHANGE | RENDERING_DUE |
    | RENDERING_DUE | START | RENDERING |
    | RENDERING_DUE | END | DUE |
    | RENDERING_DUE | STALL | STALLED_DUE |
    | RENDERING_DUE | DISMISS | RENDERING |
    | STALLED | CHANGE | STALLED_DUE |
    | STALLED | START | RENDERING |
    | STALLED | DISMISS | IDLE |
    | STALLED_DUE | CHANGE | STALLED_DUE |
    | STALLED_DUE | START | RENDERING |
    | STALLED_DUE | DISMISS | IDLE |
    """

    IDLE = auto()
    # A state waits for its time.
    DUE = auto()
    # A frame is requested.
    RENDERING = auto()
    # A frame is requested, and a newer state waits for its time.
    RENDERING_DUE = auto()
    # A frame could not be made because a service was away: requested again when that is back.
    STALLED = auto()
    STALLED_DUE = auto()


class PacingEvent(Enum):
    """What changes the pacing of a view."""

    # The view has a newer state.
    CHANGE = auto()
    # The newest state is requested.
    START = auto()
    # The requested frame is complete, failed or cancelled.
    END = auto()
    # The requested frame failed because a service was away.
    STALL = auto()
    # The newest state is not to be rendered after all.
    DISMISS = auto()


TRANSITIONS: Final[Mapping[tuple[PacingState, PacingEvent], PacingState]] = {
    (PacingState.IDLE, PacingEvent.CHANGE): PacingState.DUE,
    (PacingState.IDLE, PacingEvent.START): PacingState.RENDERING,
    (PacingState.IDLE, PacingEvent.DISMISS): PacingState.IDLE,
    (PacingState.DUE, PacingEvent.CHANGE): PacingState.DUE,
    (PacingState.DUE, PacingEvent.START): PacingState.RENDERING,
    (PacingState.DUE, PacingEvent.DISMISS): PacingState.IDLE,
    (PacingState.RENDERING, PacingEvent.CHANGE): PacingState.RENDERING_DUE,
    (PacingState.RENDERING, PacingEvent.START): PacingState.RENDERING,
    (PacingState.RENDERING, PacingEvent.END): PacingState.IDLE,
    (PacingState.RENDERING, PacingEvent.STALL): PacingState.STALLED,
    (PacingState.RENDERING, PacingEvent.DISMISS): PacingState.RENDERING,
    (PacingState.RENDERING_DUE, PacingEvent.CHANGE): PacingState.RENDERING_DUE,
    (PacingState.RENDERING_DUE, PacingEvent.START): PacingState.RENDERING,
    (PacingState.RENDERING_DUE, PacingEvent.END): PacingState.DUE,
    (PacingState.RENDERING_DUE, PacingEvent.STALL): PacingState.STALLED_DUE,
    (PacingState.RENDERING_DUE, PacingEvent.DISMISS): PacingState.RENDERING,
    (PacingState.STALLED, PacingEvent.CHANGE): PacingState.STALLED_DUE,
    (PacingState.STALLED, PacingEvent.START): PacingState.RENDERING,
    (PacingState.STALLED, PacingEvent.DISMISS): PacingState.IDLE,
    (PacingState.STALLED_DUE, PacingEvent.CHANGE): PacingState.STALLED_DUE,
    (PacingState.STALLED_DUE, PacingEvent.START): PacingState.RENDERING,
    (PacingState.STALLED_DUE, PacingEvent.DISMISS): PacingState.IDLE,
}
_RENDERING: Final = (PacingState.RENDERING, PacingState.RENDERING_DUE)
_STALLED: Final = (PacingState.STALLED, PacingState.STALLED_DUE)


class Pacing:
    """Times are in seconds on the clock of the session."""

    def __init__(self) -> None:
        self._state = PacingState.IDLE
        self._due_at = math.inf
        self._rendered_at = -math.inf

    @property
    def state(self) -> PacingState:
        return self._state

    @property
    def is_rendering(self) -> bool:
        return self._state in _RENDERING

    @property
    def is_stalled(self) -> bool:
        return self._state in _STALLED

    @property
    def due_at(self) -> float:
        """When the newest state may be rendered; infinity when it has been."""
        return self._due_at

    def change(self, not_before: float) -> None:
        """There is a newer state. States in quick succession are not all rendered, and none `not_before`."""
        self._on(PacingEvent.CHANGE)
        self._due_at = min(self._due_at, max(not_before, self._rendered_at + RENDER_GAP_S))

    def came_due(self, now: float) -> bool:
        """Whether the newest state is to be rendered now; the next one then keeps its distance."""
        if now < self._due_at:
            return False
        self._rendered_at = now
        return True

    def start(self) -> None:
        """The newest state is requested."""
        self._on(PacingEvent.START)
        self._due_at = math.inf

    def dismiss(self) -> None:
        """The newest state is not rendered, neither when it comes due nor after an outage."""
        self._on(PacingEvent.DISMISS)
        self._due_at = math.inf

    def end(self) -> None:
        """The requested frame is complete, failed for good or cancelled."""
        self._on(PacingEvent.END)

    def stall(self) -> None:
        """The requested frame failed because a service was away."""
        self._on(PacingEvent.STALL)

    def _on(self, event: PacingEvent) -> None:
        self._state = TRANSITIONS[self._state, event]
