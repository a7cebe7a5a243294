import pytest
from auth_rig.people import PASSWORD, sign_in
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings
from users.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def first_admin(settings: Settings) -> None:
    settings.ADMIN_EMAIL = "admin@halftone.local"
    settings.ADMIN_PASSWORD = PASSWORD


def test_it_makes_an_administrator_who_can_sign_in() -> None:
    call_command("ensure_admin")
    assert sign_in(User.objects.get()).status_code == 200


def test_a_second_run_keeps_the_password(settings: Settings) -> None:
    call_command("ensure_admin")
    settings.ADMIN_PASSWORD = "another password 7"
    call_command("ensure_admin")
    assert User.objects.get().check_password(PASSWORD)
    call_command("ensure_admin", "--reset-password")
    assert User.objects.get().check_password("another password 7")


def test_without_a_password_nobody_is_made(settings: Settings) -> None:
    settings.ADMIN_PASSWORD = ""
    with pytest.raises(CommandError, match="HALFTONE_ADMIN_PASSWORD is not set"):
        call_command("ensure_admin")
    settings.ADMIN_PASSWORD = PASSWORD
    call_command("ensure_admin")
    settings.ADMIN_PASSWORD = ""
    call_command("ensure_admin")


def test_a_weak_password_is_refused(settings: Settings) -> None:
    settings.ADMIN_PASSWORD = "password"
    with pytest.raises(CommandError, match="too common"):
        call_command("ensure_admin")
    assert not User.objects.exists()
