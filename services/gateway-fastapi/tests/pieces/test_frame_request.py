"""What a client asked for and does not hold."""

from gateway_rig.client import viewport
from gateway_rig.pure import access
from halftone_gateway.pieces.frame_request import FrameRequest
from halftone_gateway.pieces.planning import resolve_view
from halftone_views import validate_options

VIEW = validate_options("points", {"x": "distance", "y": "delay"})


def request(policy: str) -> FrameRequest:
    rights = access(policy=policy)
    return FrameRequest(rights, resolve_view(VIEW, rights, viewport(0, 1024, 0, 1024)), (0, 1), "")


def test_its_scope_is_the_version_and_the_policy() -> None:
    ours = request("a")
    assert ours.scope == request("a").scope
    assert ours.scope != request("b").scope
    assert ours.scope.version_id == ours.granted.version.version_id
