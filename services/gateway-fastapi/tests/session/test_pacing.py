"""When the newest state of a view is rendered."""

import math

from gateway_rig.tables import check_table
from halftone_gateway.limits import RENDER_GAP_S
from halftone_gateway.session.pacing import TRANSITIONS, Pacing, PacingEvent, PacingState
from hypothesis import given
from hypothesis import strategies as st

EVENTS = st.sampled_from(["change", "due", "resume", "dismiss", "end", "stall"])


def test_the_documented_table_is_the_one_that_runs() -> None:
    check_table(PacingState, PacingEvent, TRANSITIONS)


def test_a_state_waits_for_its_time() -> None:
    pacing = Pacing()
    assert pacing.due_at == math.inf
    pacing.change(3.0)
    pacing.change(9.0)
    assert (pacing.state, pacing.due_at) == (PacingState.DUE, 3.0)
    assert not pacing.came_due(2.9)
    assert pacing.came_due(3.0)
    pacing.start()
    assert (pacing.state, pacing.due_at) == (PacingState.RENDERING, math.inf)
    pacing.change(3.0)
    assert (pacing.state, pacing.due_at) == (PacingState.RENDERING_DUE, 3.0 + RENDER_GAP_S)
    pacing.end()
    assert pacing.state is PacingState.DUE


def test_an_outage_stalls_until_the_next_start() -> None:
    pacing = Pacing()
    pacing.start()
    pacing.stall()
    assert pacing.is_stalled
    pacing.change(1.0)
    assert pacing.state is PacingState.STALLED_DUE
    pacing.start()
    assert pacing.is_rendering
    pacing.change(1.0)
    pacing.stall()
    assert pacing.state is PacingState.STALLED_DUE
    pacing.dismiss()
    assert (pacing.state, pacing.due_at) == (PacingState.IDLE, math.inf)


@given(st.lists(st.tuples(EVENTS, st.floats(0, 1)), max_size=60))
def test_a_time_is_set_exactly_while_a_state_is_due(events: list[tuple[str, float]]) -> None:
    pacing, now = Pacing(), 0.0
    for event, wait in events:
        now += wait
        if event == "change":
            pacing.change(now)
        elif (event == "due" and pacing.came_due(now)) or (event == "resume" and pacing.is_stalled):
            pacing.start()
        elif event == "dismiss":
            pacing.dismiss()
        elif event in ("end", "stall") and pacing.is_rendering:
            getattr(pacing, event)()
        assert (pacing.due_at < math.inf) == pacing.state.name.endswith("DUE")
        assert not (pacing.is_stalled and pacing.is_rendering)
