"""Decides about a presented refresh token: pure rules without database or clock.

A token is used once and replaced by its successor. A second use means that two parties hold it and one of them stole
it, so the whole family ends (OAuth 2.0 Security Best Current Practice, RFC 9700 §4.14.2). During a short grace period
the same successor is returned again: for parallel tabs, a lost response, a retry.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=7)
GRACE = timedelta(seconds=10)


class Step(Enum):
    """The decision about a presented token."""

    ROTATE = "rotate"
    REPEAT = "repeat"
    REFUSE = "refuse"
    END_FAMILY = "end_family"


@dataclass(frozen=True, slots=True)
class Presented:
    """A stored refresh token and its family, at the moment of use."""

    family_revoked: bool
    family_expires_at: datetime
    user_active: bool
    expires_at: datetime
    used_at: datetime | None


def decide(token: Presented, now: datetime) -> Step:
    """The step for a stored token with a valid signature."""
    if token.family_revoked or not token.user_active:
        return Step.REFUSE
    if now >= token.family_expires_at or now >= token.expires_at:
        return Step.REFUSE
    if token.used_at is None:
        return Step.ROTATE
    return Step.REPEAT if now - token.used_at <= GRACE else Step.END_FAMILY


def expiry(now: datetime, family_expires_at: datetime) -> datetime:
    """The expiry of a token issued now: after the idle time, at most that of the family."""
    return min(now + IDLE, family_expires_at)
