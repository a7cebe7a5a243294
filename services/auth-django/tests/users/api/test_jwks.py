from rest_framework.test import APIClient


def test_the_public_keys_may_be_kept_for_five_minutes(anonymous: APIClient) -> None:
    response = anonymous.get("/.well-known/jwks.json")
    assert response.headers["Cache-Control"] == "public, max-age=300"
    assert [key["kty"] for key in response.json()["keys"]] == ["EC"]
