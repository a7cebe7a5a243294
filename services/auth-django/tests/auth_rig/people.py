"""People and their signed-in clients."""

import json
from itertools import count

from rest_framework.response import Response
from rest_framework.test import APIClient
from users.models import User

PASSWORD = "correct horse 9"
ORIGIN = "http://localhost:3000"
_number = count(1)


def make_user(name: str = "user", **fields: bool) -> User:
    """A user with a fresh e-mail."""
    return User.objects.create_user(f"{name}{next(_number)}@example.org", PASSWORD, name=name, **fields)


def sign_in(user: User, *, origin: str | None = None, password: str = PASSWORD) -> Response:
    """Signs in as a program, or as a browser at `origin`."""
    headers = {"Origin": origin} if origin else {}
    body = {"email": user.email, "password": password}
    return APIClient().post("/api/token/", body, format="json", headers=headers)


def client_of(user: User) -> APIClient:
    """A client with the access token of a fresh session."""
    return with_token(sign_in(user).data["access"])


def with_token(access: str) -> APIClient:
    """A client with this token."""
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")
    return client


def problem_of(response: Response) -> tuple[int, str, str]:
    """Status, code and field of an error, whose shape is checked."""
    body = json.loads(response.content)
    assert set(body) == {"code", "field", "detail", "request_id"}
    assert body["detail"]
    assert body["request_id"] == response.headers["X-Request-Id"]
    return response.status_code, body["code"], body["field"]
