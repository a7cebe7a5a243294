"""What becomes of a presented refresh token: pure rules, no database and no clock.

A token is used once and replaced by its successor. Using it again means that two parties hold it, and nobody can tell
which is the thief: the whole family dies (OAuth 2.0 Security Best Current Practice, RFC 9700 §4.14.2). The exception is
a short grace in which the same successor is given again: parallel tabs, a lost answer, a retry.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=7)
GRACE = timedelta(seconds=10)


class Step(Enum):
    """What to do."""

    ROTATE = "rotate"
    REPEAT = "repeat"
    REFUSE = "refuse"
    KILL = "kill"


@dataclass(frozen=True, slots=True)
class Presented:
    """A stored refresh token and its family, at the moment it is shown."""

    family_revoked: bool
    family_expires_at: datetime
    user_active: bool
    expires_at: datetime
    used_at: datetime | None


def decide(token: Presented, now: datetime) -> Step:
    """The step for a token that is known and whose signature is good."""
    if token.family_revoked or not token.user_active:
        return Step.REFUSE
    if now >= token.family_expires_at or now >= token.expires_at:
        return Step.REFUSE
    if token.used_at is None:
        return Step.ROTATE
    return Step.REPEAT if now - token.used_at <= GRACE else Step.KILL


def expiry(now: datetime, family_expires_at: datetime) -> datetime:
    """When a token issued now expires: after the idle time, never after the family."""
    return min(now + IDLE, family_expires_at)
