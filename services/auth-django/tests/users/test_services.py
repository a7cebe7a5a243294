import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from analytics.models import Event
from auth_rig.people import PASSWORD, make_user, sign_in
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from halftone_servicekit.errors import HalftoneError
from users.models import RefreshToken, SessionFamily, User
from users.services import end_session, ensure_admin, forget_old_sessions, rotate, sign_out
from users.tokens import refresh
from users.tokens.issue import refresh_backend, refresh_token
from users.tokens.refresh import ABSOLUTE

pytestmark = pytest.mark.django_db


@pytest.fixture
def long_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of a slow machine: what a test does in a moment may take longer than the grace."""
    monkeypatch.setattr(refresh, "GRACE", timedelta(minutes=10))


def first_refresh(user: User) -> str:
    return str(sign_in(user).data["refresh"])


def jti(token: str) -> str:
    return str(refresh_backend().decode(token)["jti"])


def use_long_ago(token: str) -> None:
    RefreshToken.objects.filter(pk=jti(token)).update(used_at=timezone.now() - timedelta(seconds=30))


def test_a_refresh_gives_the_next_token_of_the_same_session(owner: User) -> None:
    first = first_refresh(owner)
    rotated = rotate(first, "api")
    assert rotated.user == owner
    second = rotated.refresh_jwt()
    assert jti(second) != jti(first)
    assert rotate(second, "api").family == rotated.family


@pytest.mark.usefixtures("long_grace")
def test_within_the_grace_the_same_successor_comes_again(owner: User) -> None:
    first = first_refresh(owner)
    again = {jti(rotate(first, "api").refresh_jwt()) for _ in range(3)}
    assert len(again) == 1
    assert refresh_backend().decode(rotate(first, "api").refresh_jwt()) == refresh_backend().decode(
        rotate(first, "api").refresh_jwt()
    )


def test_a_replay_after_the_grace_ends_the_session_of_thief_and_owner(owner: User) -> None:
    first = first_refresh(owner)
    second = rotate(first, "api").refresh_jwt()
    use_long_ago(first)
    with pytest.raises(HalftoneError, match="token_invalid"):
        rotate(first, "api")
    with pytest.raises(HalftoneError, match="token_invalid"):
        rotate(second, "api")
    family = SessionFamily.objects.get()
    assert family.revoked_reason == "reuse"
    assert list(Event.objects.values_list("kind", "session_id")) == [("session_revoked", family.pk)]


@pytest.mark.usefixtures("long_grace")
@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_get_one_successor() -> None:
    token = first_refresh(make_user())
    barrier = threading.Barrier(20)

    def use() -> str:
        barrier.wait()
        try:
            return jti(rotate(token, "api").refresh_jwt())
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        successors = {future.result() for future in [pool.submit(use) for _ in range(20)]}
    assert len(successors) == 1
    assert RefreshToken.objects.filter(used_at=None).count() == 1
    assert SessionFamily.objects.get().revoked_at is None


def test_twelve_idle_hours_end_a_token(owner: User) -> None:
    token = first_refresh(owner)
    life = refresh_backend().decode(token)
    assert life["exp"] - life["iat"] == 12 * 3600
    RefreshToken.objects.update(expires_at=timezone.now())
    with pytest.raises(HalftoneError, match="token_invalid"):
        rotate(token, "api")


def test_seven_days_end_a_session_however_busy(owner: User) -> None:
    token = first_refresh(owner)
    family = SessionFamily.objects.get()
    assert family.expires_at - family.created_at == timedelta(days=7)
    SessionFamily.objects.update(expires_at=timezone.now() + timedelta(hours=1))
    successor = rotate(token, "api").refresh
    assert successor.expires_at <= timezone.now() + timedelta(hours=1)
    SessionFamily.objects.update(expires_at=timezone.now())
    with pytest.raises(HalftoneError, match="token_invalid"):
        rotate(successor_jwt(successor), "api")


def successor_jwt(token: RefreshToken) -> str:
    return refresh_token(token)


def test_a_browser_s_token_is_not_taken_from_a_program(owner: User) -> None:
    token = first_refresh(owner)
    with pytest.raises(HalftoneError, match="token_invalid"):
        rotate(token, "web")
    assert rotate(token, "api").user == owner


def test_signing_out_ends_the_session_once(owner: User) -> None:
    token = first_refresh(owner)
    sign_out(token, "api")
    sign_out(token, "api")
    sign_out("garbage", "api")
    assert SessionFamily.objects.get().revoked_reason == "signed_out"
    assert Event.objects.filter(kind="session_revoked").count() == 1
    with pytest.raises(HalftoneError, match="token_invalid"):
        rotate(token, "api")


def test_ending_a_session_is_undone_with_its_transaction(owner: User) -> None:
    sign_in(owner)
    family = SessionFamily.objects.get()
    with transaction.atomic():
        end_session(family, "admin")
        transaction.set_rollback(True)
    assert Event.objects.count() == 0
    assert SessionFamily.objects.get().revoked_at is None


def test_the_first_administrator_is_made_once() -> None:
    made, is_new = ensure_admin("Admin@Example.org", PASSWORD)
    again, is_new_again = ensure_admin("admin@example.org", "another password 7")
    assert (is_new, is_new_again) == (True, False)
    assert made == again
    assert again.check_password(PASSWORD)
    assert made.is_superuser
    assert made.is_staff


def test_a_reset_gives_another_password_and_ends_sessions() -> None:
    user, _ = ensure_admin("admin@example.org", PASSWORD)
    sign_in(user)
    ensure_admin("admin@example.org", "another password 7", reset=True)
    user.refresh_from_db()
    assert user.check_password("another password 7")
    assert SessionFamily.objects.get().revoked_reason == "password"


@pytest.mark.parametrize("password", ["", "short", "password123"])
def test_a_weak_password_makes_no_administrator(password: str) -> None:
    with pytest.raises(ValidationError):
        ensure_admin("admin@example.org", password)
    assert not User.objects.exists()


def test_old_sessions_are_forgotten(owner: User) -> None:
    sign_in(owner)
    assert forget_old_sessions(timezone.now()) == 0
    SessionFamily.objects.update(expires_at=timezone.now() - ABSOLUTE - timedelta(seconds=1))
    assert forget_old_sessions(timezone.now()) == 2
    assert not RefreshToken.objects.exists()
