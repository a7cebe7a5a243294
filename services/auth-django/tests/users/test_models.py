from datetime import UTC, datetime, timedelta

import pytest
from auth_rig.people import PASSWORD
from django.core.exceptions import ValidationError
from users.models import SessionFamily, User

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.django_db
def test_an_e_mail_is_taken_once_whatever_its_case() -> None:
    User.objects.create_user("Someone@Example.org", PASSWORD)
    with pytest.raises(ValidationError, match="already exists"):
        User.objects.create_user("someone@example.ORG", PASSWORD)
    assert User.objects.get_by_natural_key(" SOMEONE@example.org").email == "someone@example.org"


@pytest.mark.django_db
@pytest.mark.parametrize("email", ["", "x", "a b@c.d", "a@b@c.d"])
def test_an_e_mail_is_one(email: str) -> None:
    with pytest.raises(ValidationError):
        User.objects.create_user(email, PASSWORD)


@pytest.mark.parametrize(
    ("revoked", "left", "live"), [(False, 1, True), (False, 0, False), (False, -1, False), (True, 1, False)]
)
def test_a_session_lives_until_it_expires_or_is_ended(revoked: bool, left: int, live: bool) -> None:
    family = SessionFamily(expires_at=NOW + timedelta(seconds=left), revoked_at=NOW if revoked else None)
    assert family.is_live(NOW) is live
