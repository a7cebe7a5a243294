import pytest
from auth_rig.work import SERVICE_TOKEN
from halftone_auth.http.service_token import is_service
from pytest_django.fixtures import Settings


@pytest.mark.parametrize("header", [f"Bearer {SERVICE_TOKEN}", f"bearer  {SERVICE_TOKEN} "])
def test_the_right_token_is_known(header: str) -> None:
    assert is_service(header)


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", f"Basic {SERVICE_TOKEN}", SERVICE_TOKEN, f"Bearer {SERVICE_TOKEN[:-1]}", "Bearer é"],
)
def test_any_other_is_not(header: str) -> None:
    assert not is_service(header)


def test_without_one_nobody_is_a_service(settings: Settings) -> None:
    settings.SERVICE_TOKEN = ""
    assert not is_service("Bearer ")
    assert not is_service("")
