"""People and their signed-in clients."""

import json
from collections.abc import Mapping
from http.cookies import SimpleCookie
from itertools import count
from typing import Any, Protocol

from rest_framework.test import APIClient
from users.models import User

PASSWORD = "correct horse 9"
ORIGIN = "http://localhost:3000"
_number = count(1)


class Answer(Protocol):
    """What a test client returns."""

    status_code: int
    cookies: SimpleCookie

    @property
    def content(self) -> bytes: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def data(self) -> dict[str, Any]: ...
    def json(self) -> Any: ...  # noqa: ANN401 - whatever JSON holds


def make_user(name: str = "user", **fields: bool) -> User:
    """A user with a fresh e-mail."""
    return User.objects.create_user(f"{name}{next(_number)}@example.org", PASSWORD, name=name, **fields)


def sign_in(user: User, *, origin: str | None = None, password: str = PASSWORD) -> Answer:
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


def problem_of(response: Answer) -> tuple[int, str, str]:
    """Status, code and field of an error, whose shape is checked."""
    body = json.loads(response.content)
    assert set(body) == {"code", "field", "detail", "request_id"}
    assert body["detail"]
    assert body["request_id"] == response.headers["X-Request-Id"]
    return response.status_code, body["code"], body["field"]
