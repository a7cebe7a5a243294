from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from users.tokens.refresh import ABSOLUTE, GRACE, IDLE, Presented, Step, decide, expiry

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def presented(**changes: object) -> Presented:
    values: dict[str, object] = {
        "family_revoked": False,
        "family_expires_at": NOW + ABSOLUTE,
        "user_active": True,
        "expires_at": NOW + IDLE,
        "used_at": None,
    }
    return Presented(**{**values, **changes})  # type: ignore[arg-type]  # a table of fields


@pytest.mark.parametrize(
    ("changes", "step"),
    [
        ({}, Step.ROTATE),
        ({"used_at": NOW}, Step.REPEAT),
        ({"used_at": NOW - GRACE}, Step.REPEAT),
        ({"used_at": NOW - GRACE - TICK}, Step.END_FAMILY),
        ({"used_at": NOW - timedelta(hours=1)}, Step.END_FAMILY),
        ({"expires_at": NOW}, Step.REFUSE),
        ({"expires_at": NOW + TICK}, Step.ROTATE),
        ({"family_expires_at": NOW}, Step.REFUSE),
        ({"family_revoked": True}, Step.REFUSE),
        ({"user_active": False}, Step.REFUSE),
        ({"family_revoked": True, "used_at": NOW}, Step.REFUSE),
    ],
)
def test_each_case_has_its_step(changes: dict[str, object], step: Step) -> None:
    assert decide(presented(**changes), NOW) is step


@given(
    revoked=st.booleans(),
    active=st.booleans(),
    family_left=st.integers(-100, 100),
    left=st.integers(-100, 100),
    used_ago=st.none() | st.integers(0, 100),
)
def test_nothing_but_a_live_unused_token_rotates(
    revoked: bool, active: bool, family_left: int, left: int, used_ago: int | None
) -> None:
    token = Presented(
        family_revoked=revoked,
        user_active=active,
        family_expires_at=NOW + timedelta(seconds=family_left),
        expires_at=NOW + timedelta(seconds=left),
        used_at=None if used_ago is None else NOW - timedelta(seconds=used_ago),
    )
    live = active and not revoked and family_left > 0 and left > 0
    step = decide(token, NOW)
    assert (step is Step.REFUSE) == (not live)
    assert (step is Step.ROTATE) == (live and used_ago is None)
    assert (step is Step.REPEAT) == (live and used_ago is not None and used_ago <= 10)


def test_a_token_lives_twelve_idle_hours_and_never_longer_than_its_family() -> None:
    assert expiry(NOW, NOW + ABSOLUTE) == NOW + timedelta(hours=12)
    assert expiry(NOW, NOW + timedelta(hours=1)) == NOW + timedelta(hours=1)
