"""Who has signed in, and until when."""

import pytest
from gateway_rig.auth import ANN, BOB
from gateway_rig.pure import claims
from gateway_rig.tables import check_table
from halftone_gateway.limits import SocketLimits
from halftone_gateway.session.sign_in import TRANSITIONS, SignIn, SignInEvent, SignInState
from halftone_servicekit.errors import HalftoneError

LIMITS = SocketLimits(auth_timeout_s=5, reauth_notice_s=60, reauth_grace_s=25)


def test_the_documented_table_is_the_one_that_runs() -> None:
    check_table(SignInState, SignInEvent, TRANSITIONS)


def test_a_token_must_come_in_time() -> None:
    sign_in = SignIn(LIMITS, 0.0, has_origin=False)
    assert (sign_in.state, sign_in.claims, sign_in.next_deadline()) == (SignInState.AWAITED, None, 5.0)
    assert [sign_in.is_late(now) for now in (4.9, 5.0)] == [False, True]
    assert not sign_in.takes_notice(5.0)
    sign_in.accept(claims(), 300.0)
    assert not sign_in.is_late(1e9)


def test_the_end_of_a_token_is_announced_once_and_waited_for() -> None:
    sign_in = SignIn(LIMITS, 0.0, has_origin=False)
    sign_in.accept(claims(), 300.0)
    assert (sign_in.next_deadline(), sign_in.expires_in(100.5), sign_in.expires_in(301)) == (240.0, 199, 0)
    assert [sign_in.takes_notice(now) for now in (239.0, 240.0, 241.0)] == [False, True, False]
    assert sign_in.state is SignInState.EXPIRING
    assert sign_in.next_deadline() == 325.0
    assert [sign_in.is_over(now) for now in (324.0, 325.0)] == [False, True]
    sign_in.accept(claims(), 600.0)
    assert (sign_in.state, sign_in.next_deadline()) == (SignInState.VALID, 540.0)


def test_a_refused_token_changes_nothing() -> None:
    sign_in = SignIn(LIMITS, 0.0, has_origin=False)
    with pytest.raises(HalftoneError, match="origin_refused"):
        sign_in.accept(claims(client="web"), 300.0)
    assert sign_in.state is SignInState.AWAITED
    sign_in.accept(claims(), 300.0)
    with pytest.raises(HalftoneError, match="forbidden"):
        sign_in.accept(claims(BOB), 600.0)
    assert sign_in.claims is not None
    assert sign_in.claims.subject == ANN
