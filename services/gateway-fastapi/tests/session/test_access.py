"""The right to the data of a view."""

import math

import pytest
from gateway_rig.auth import uuid_of
from gateway_rig.pure import access as granted_version
from gateway_rig.tables import check_table
from halftone_gateway.session.access import CLOSED_AS, RENEW_RETRY_S, TRANSITIONS, Access, AccessEvent, AccessState
from halftone_servicekit.errors import ErrorCode, HalftoneError


def granted(renew_at: float = 100.0) -> Access:
    access = Access("flights", "")
    access.accept(granted_version(renew_at=renew_at), ())
    return access


def test_the_documented_table_is_the_one_that_runs() -> None:
    check_table(AccessState, AccessEvent, TRANSITIONS)


def test_before_the_first_grant_nothing_is_covered_or_due() -> None:
    access = Access("flights", "v")
    assert (access.state, access.granted, access.version_id) == (AccessState.WANTED, None, "v")
    assert not access.covers("")
    assert access.renew_at == math.inf
    assert not access.renew(), "the first grant is under way"


def test_a_grant_is_renewed_once_at_a_time() -> None:
    access = granted()
    assert (access.state, access.renew_at) == (AccessState.GRANTED, 100.0)
    assert access.version_id == granted_version().version.version_id
    assert access.covers("")
    assert access.covers(uuid_of("flights"))
    assert not access.covers(uuid_of("other"))
    assert access.renew()
    assert not access.renew()
    assert (access.state, access.renew_at) == (AccessState.RENEWING, math.inf)
    access.accept(granted_version(renew_at=200.0), ["distance"])
    assert (access.state, access.renew_at) == (AccessState.GRANTED, 200.0)


@pytest.mark.parametrize("code", [*CLOSED_AS])
def test_a_refused_grant_ends_the_right(code: ErrorCode) -> None:
    access = granted()
    access.renew()
    assert access.deny(code, 0.0)
    assert access.state is AccessState.GONE
    first = Access("flights", "")
    assert first.deny(code, 0.0)
    assert first.state is AccessState.GONE


def test_an_outage_ends_only_a_view_that_shows_nothing_yet() -> None:
    access = granted()
    access.renew()
    assert not access.deny(ErrorCode.AUTH_UNAVAILABLE, 7.0)
    assert (access.state, access.renew_at) == (AccessState.GRANTED, 7.0 + RENEW_RETRY_S)
    assert access.granted is not None
    assert Access("flights", "").deny(ErrorCode.AUTH_UNAVAILABLE, 7.0)


@pytest.mark.parametrize(
    "renewed",
    [
        granted_version(policy="1"),
        granted_version(version=uuid_of("flights/2")),
        granted_version(columns=frozenset({"delay"})),
        granted_version(shown=()),
    ],
)
def test_a_renewed_grant_must_show_the_same(renewed: object) -> None:
    access = granted()
    access.renew()
    with pytest.raises(HalftoneError, match="forbidden"):
        access.accept(renewed, ["distance"])  # type: ignore[arg-type]  # a granted version
    assert access.state is AccessState.GONE
