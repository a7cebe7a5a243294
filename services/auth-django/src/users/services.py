"""Every write about users and sessions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from halftone_servicekit.errors import ErrorCode, HalftoneError

from users import events
from users.limits import allow_sign_in, uncount_sign_in
from users.models import RefreshToken, SessionFamily, User
from users.tokens import issue, refresh
from users.tokens.refresh import Step

log = structlog.get_logger(__name__)

MAX_PASSWORD = 1024
WRONG = "The e-mail or the password is wrong."


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session with a fresh pair of tokens."""

    user: User
    family: SessionFamily
    refresh: RefreshToken

    def access_jwt(self) -> str:
        """The access token, signed now."""
        return issue.access_token(self.user, self.family)

    def refresh_jwt(self) -> str:
        """The refresh token, signed now."""
        return issue.refresh_token(self.refresh)


def sign_in(request: HttpRequest, email: str, password: str, client: str, address: str) -> SignedIn:
    """Starts a session. Raises `rate_limited`, or `auth_required` for wrong credentials or a disabled account."""
    user = check_password(request, email, password, address)
    now = timezone.now()
    with transaction.atomic():
        # The password may have changed since it was checked, and every session ended.
        same = User.objects.select_for_update(no_key=True).filter(pk=user.pk, is_active=True)
        if not same.filter(token_version=user.token_version):
            raise HalftoneError(ErrorCode.AUTH_REQUIRED, WRONG)
        family = SessionFamily.objects.create(
            user=user,
            client=client,
            created_at=now,
            last_used_at=now,
            expires_at=now + refresh.ABSOLUTE,
            address=address,
            user_agent=request.headers.get("User-Agent", "")[:255],
        )
        token = _new_token(family, now)
        User.objects.filter(pk=user.pk).update(last_login=now)
    log.info("signed_in", user_id=str(user.pk), session_id=str(family.pk), client=client)
    return SignedIn(user, family, token)


def check_password(request: HttpRequest, email: str, password: str, address: str) -> User:
    """The user of these credentials; takes equally long whether the user exists or not."""
    account = email.strip().lower()
    wait_s = allow_sign_in(account, address)
    if wait_s:
        events.sign_in_tried.send(sender=User, outcome="limited")
        raise HalftoneError(ErrorCode.RATE_LIMITED, "Too many attempts; wait a minute.", retry_after_ms=wait_s * 1000)
    user = authenticate(request, username=account, password=password[: MAX_PASSWORD + 1])
    if not isinstance(user, User) or len(password) > MAX_PASSWORD:
        events.sign_in_tried.send(sender=User, outcome="refused")
        log.info("sign_in_refused", address=address)
        raise HalftoneError(ErrorCode.AUTH_REQUIRED, WRONG)
    uncount_sign_in(account, address)
    events.sign_in_tried.send(sender=User, outcome="ok")
    return user


def rotate(raw: str, client: str) -> SignedIn:
    """Exchanges a refresh token for its successor. Reuse ends the session.

    Raises `token_invalid`, `token_expired`.
    """
    claims = issue.refresh_backend().decode(raw)
    with transaction.atomic():
        outcome = _rotate(claims, client, timezone.now())
    # Raised after the transaction: a rollback would undo the end of the family.
    if outcome is None:
        raise HalftoneError(ErrorCode.TOKEN_INVALID, "This session has ended; sign in again.")
    return outcome


def _rotate(claims: dict[str, Any], client: str, now: datetime) -> SignedIn | None:
    """BEGIN IMMEDIATE (or the row lock) serialises callers of a family: a token gets one successor."""
    locked = SessionFamily.objects.select_for_update().filter(pk=_uuid(claims.get("sid")), client=client).first()
    # A separate query: a join that waits for the lock returns its other tables as they were before.
    tokens = RefreshToken.objects.select_related("family__user", "successor")
    token = tokens.filter(pk=_uuid(claims["jti"]), family=locked).first() if locked else None
    if token is None:
        return None
    step = refresh.decide(_presented(token), now)
    family, user = token.family, token.family.user
    if step is Step.END_FAMILY:
        log.warning("refresh_token_reused", user_id=str(user.pk), session_id=str(family.pk))
        end_session(family, "reuse")
    if step in (Step.END_FAMILY, Step.REFUSE):
        return None
    if step is Step.REPEAT and token.successor is not None:
        token.successor.family = family
        return SignedIn(user, family, token.successor)
    successor = _new_token(family, now)
    RefreshToken.objects.filter(pk=token.pk).update(used_at=now, successor=successor)
    SessionFamily.objects.filter(pk=family.pk).update(last_used_at=now)
    return SignedIn(user, family, successor)


def _presented(token: RefreshToken) -> refresh.Presented:
    return refresh.Presented(
        family_revoked=token.family.revoked_at is not None,
        family_expires_at=token.family.expires_at,
        user_active=token.family.user.is_active,
        expires_at=token.expires_at,
        used_at=token.used_at,
    )


def _new_token(family: SessionFamily, now: datetime) -> RefreshToken:
    return RefreshToken.objects.create(family=family, issued_at=now, expires_at=refresh.expiry(now, family.expires_at))


def _uuid(text: object) -> UUID:
    """Parses an id of a signed token. Raises `token_invalid`."""
    try:
        return UUID(str(text))
    except ValueError as error:
        raise HalftoneError(ErrorCode.TOKEN_INVALID) from error


def sign_out(raw: str, client: str) -> None:
    """Ends the session of a refresh token; an invalid token is ignored."""
    try:
        claims = issue.refresh_backend().decode(raw)
    except HalftoneError:
        return
    family = SessionFamily.objects.filter(pk=_uuid(claims.get("sid")), client=client).first()
    if family is not None:
        end_session(family, "signed_out")


def end_session(family: SessionFamily, reason: str) -> None:
    """Ends one session; ending it twice changes nothing."""
    with transaction.atomic():
        ended = SessionFamily.objects.filter(pk=family.pk, revoked_at=None).update(
            revoked_at=timezone.now(), revoked_reason=reason
        )
        if ended:
            events.session_revoked.send(sender=SessionFamily, session_id=family.pk, user_id=family.user_id)


def end_all_sessions(user: User, reason: str) -> None:
    """Invalidates every token of a user at once."""
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(token_version=F("token_version") + 1)
        SessionFamily.objects.filter(user=user, revoked_at=None).update(
            revoked_at=timezone.now(), revoked_reason=reason
        )
        user.refresh_from_db(fields=["token_version"])
        events.user_revoked.send(sender=User, user_id=user.pk, token_version=user.token_version)
    log.info("sessions_ended", user_id=str(user.pk), reason=reason)


def ensure_admin(email: str, password: str, reset: bool = False) -> tuple[User, bool]:
    """The first administrator, and whether this call created it. An existing password stays unless `reset`."""
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        fresh = User(email=email.strip().lower(), is_staff=True, is_superuser=True, name="Administrator")
        validate_password(password, fresh)
        fresh.set_password(password)
        fresh.full_clean()
        fresh.save()
        return fresh, True
    if reset:
        validate_password(password, user)
        user.set_password(password)
        user.is_active = user.is_staff = user.is_superuser = True
        user.save()
    return user, False


def forget_old_sessions(now: datetime) -> int:
    """Deletes sessions that expired more than 7 days ago; returns the number of deleted rows."""
    count, _ = SessionFamily.objects.filter(expires_at__lt=now - refresh.ABSOLUTE).delete()
    return count
