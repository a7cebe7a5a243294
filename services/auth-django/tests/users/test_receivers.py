import pytest
from analytics.models import Event
from auth_rig.people import PASSWORD, client_of, sign_in
from django.contrib.auth.hashers import make_password
from pytest_django.fixtures import Settings
from users.models import SessionFamily, User

pytestmark = pytest.mark.django_db


def events() -> list[tuple[str, object]]:
    return list(Event.objects.values_list("kind", "user_id"))


def test_a_new_password_ends_every_session_at_once(owner: User) -> None:
    client = client_of(owner)
    assert client.get("/api/me/").status_code == 200
    owner.set_password("another password 7")
    owner.save()
    assert client.get("/api/me/").status_code == 401
    assert events() == [("user_revoked", owner.pk)]
    assert SessionFamily.objects.get().revoked_reason == "password"
    owner.refresh_from_db()
    assert owner.token_version == Event.objects.get().token_version == 2


def test_disabling_ends_every_session_at_once(owner: User) -> None:
    client = client_of(owner)
    owner.is_active = False
    owner.save(update_fields=["is_active"])
    assert client.get("/api/me/").status_code == 401
    assert sign_in(owner).status_code == 401
    assert events() == [("user_revoked", owner.pk)]


def test_deleting_ends_every_session_at_once(owner: User) -> None:
    client = client_of(owner)
    identity = owner.pk
    owner.delete()
    assert client.get("/api/me/").status_code == 401
    assert events() == [("user_revoked", identity)]


def test_other_changes_end_nothing(owner: User) -> None:
    client = client_of(owner)
    owner.name = "Somebody"
    owner.save()
    assert client.get("/api/me/").status_code == 200
    assert events() == []


def test_an_upgraded_hash_is_no_new_password(owner: User, settings: Settings) -> None:
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.ScryptPasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    User.objects.filter(pk=owner.pk).update(password=make_password(PASSWORD, hasher="md5"))
    client = client_of(owner)
    owner.refresh_from_db()
    assert owner.password.startswith("scrypt$")
    assert client.get("/api/me/").status_code == 200
    assert events() == []


def test_an_e_mail_has_one_spelling(owner: User) -> None:
    owner.email = " Someone@Example.ORG "
    owner.save()
    assert User.objects.get().email == "someone@example.org"
