import pytest
from auth_rig.people import PASSWORD, sign_in
from django.test import Client
from users.models import User

pytestmark = pytest.mark.django_db


def test_the_admin_s_sign_in_has_the_same_limit(staff: User) -> None:
    client = Client()
    for _ in range(11):
        answer = client.post("/admin/login/", {"username": staff.email, "password": "wrong"}, secure=True)
        assert answer.status_code == 200
    assert b"Too many attempts" in answer.content
    assert sign_in(staff).status_code == 429


def test_nobody_else_gets_in(owner: User) -> None:
    client = Client()
    answer = client.post("/admin/login/", {"username": owner.email, "password": PASSWORD}, secure=True)
    assert answer.status_code == 200
    assert client.get("/admin/users/user/", secure=True).status_code == 302
