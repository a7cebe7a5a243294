"""What a frame still needs."""

from gateway_rig.client import viewport
from gateway_rig.pure import access
from halftone_gateway.pieces.planning import plan_view
from halftone_gateway.pieces.wanted import Wanted
from halftone_views import validate_options

VIEW = validate_options("points", {"x": "distance", "y": "delay"})


def wanted(policy: str) -> Wanted:
    rights = access(policy=policy)
    return Wanted(rights, plan_view(VIEW, rights, viewport(0, 1024, 0, 1024)), (0, 1), "")


def test_its_scope_is_the_version_and_the_policy() -> None:
    ours = wanted("a")
    assert ours.scope == wanted("a").scope
    assert ours.scope != wanted("b").scope
    assert ours.scope.version_id == ours.access.version.version_id
