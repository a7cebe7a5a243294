"""The parameters of a view."""

import pytest
from gateway_rig.client import opening, struct, viewport
from gateway_rig.pure import access
from halftone.v1 import session_pb2 as pb
from halftone_gateway.pieces.planning import plan_view
from halftone_gateway.session.parameters import Parameters
from halftone_servicekit.errors import HalftoneError

FIRST = Parameters.of(opening(options={"x": "distance", "y": "delay", "reduction": "mean", "value": "delay"}))


def test_what_a_change_leaves_out_stays() -> None:
    moved = FIRST.changed(pb.Set(seq=2, viewport=viewport(0, 1, 0, 1)))
    assert (moved.seq, moved.options, moved.view) == (2, FIRST.options, FIRST.view)
    assert moved.viewport == viewport(0, 1, 0, 1)
    patched = FIRST.changed(pb.Set(seq=3, options=struct({"reduction": None, "value": None})))
    assert patched.options == {"x": "distance", "y": "delay"}
    assert patched.viewport == FIRST.viewport
    assert FIRST.options["reduction"] == "mean", "a state never changes"


def test_an_option_that_does_not_exist_is_refused() -> None:
    with pytest.raises(HalftoneError, match="unknown_agg"):
        FIRST.changed(pb.Set(seq=2, options=struct({"reduction": "nope"})))


def test_opened_says_what_the_view_shows() -> None:
    planned = plan_view(FIRST.view, access())
    opened = FIRST.opened(3, 1, access(), planned)
    assert (opened.view_id, opened.seq, opened.quantity.label) == (3, 1, "Mean of delay")
    assert (opened.quantity, opened.x, opened.y) == (planned.quantity, planned.x, planned.y)
    assert opened.whole == opened.extent
    assert not opened.equal_aspect
    flat = Parameters.of(opening(kind="histogram", options={"x": "delay"}))
    assert not flat.opened(3, 1, access(), plan_view(flat.view, access())).HasField("y")
