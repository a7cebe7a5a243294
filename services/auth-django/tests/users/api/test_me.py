from rest_framework.test import APIClient
from users.models import User


def test_it_tells_who_the_caller_is(api: APIClient, owner: User) -> None:
    assert api.get("/api/me/").json()["email"] == owner.email
