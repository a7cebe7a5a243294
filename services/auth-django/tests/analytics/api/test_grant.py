import hashlib
from collections.abc import Mapping

import jwt
import pytest
from analytics.models import Permission
from auth_rig.people import client_of, make_user, problem_of
from auth_rig.work import COLUMNS, make_dataset, make_version
from halftone_servicekit.tokens import Grant, Jwks, TokenVerifier
from rest_framework.test import APIClient
from users.models import User
from users.tokens.keys import jwks


async def fetch(_url: str) -> Mapping[str, object]:
    return jwks()


@pytest.fixture
def answer(api: APIClient, owner: User) -> dict[str, object]:
    dataset = make_dataset(owner, "flights")
    make_version(dataset)
    return dict(api.get("/api/datasets/flights/grant/").json())


async def test_compute_accepts_the_grant(answer: dict[str, object]) -> None:
    grant = await TokenVerifier(Jwks("http://auth.example", fetch=fetch), "halftone").verify_grant(str(answer["grant"]))
    assert isinstance(grant, Grant)
    dataset, version = answer["dataset"], answer["version"]
    assert isinstance(dataset, dict)
    assert isinstance(version, dict)
    assert (grant.dataset_id, grant.version_id) == (dataset["id"], version["version_id"])
    assert grant.manifest == f"datasets/{grant.dataset_id}/versions/{grant.version_id}/1/manifest.json"
    assert grant.allows("anything")
    assert grant.purpose == "view"
    assert grant.policy_hash == hashlib.sha256(b'{"policy":null}').hexdigest()


def test_the_answer_tells_what_a_view_needs(answer: dict[str, object]) -> None:
    assert answer["expires_in"] == 300
    assert answer["columns"] == COLUMNS
    assert set(answer) == {"grant", "expires_in", "dataset", "version", "columns"}
    assert jwt.get_unverified_header(str(answer["grant"]))["typ"] == "halftone-grant+jwt"
    claims = jwt.decode(str(answer["grant"]), options={"verify_signature": False})
    assert (claims["aud"], claims["policy"], claims["columns"]) == ("halftone-compute", None, ["*"])
    assert claims["exp"] - claims["iat"] == 300


def test_a_renewal_stays_with_its_version(api: APIClient, owner: User) -> None:
    dataset = make_dataset(owner, "flights")
    first = make_version(dataset, 1)
    make_version(dataset, 2)
    url = f"/api/datasets/flights/grant/?version={first.pk}"
    assert api.get(url).json()["version"]["number"] == 1


def test_a_right_that_was_taken_away_gives_no_grant(api: APIClient, owner: User) -> None:
    dataset = make_dataset(owner, "flights")
    make_version(dataset)
    reader = make_user("reader")
    client = client_of(reader)
    permission = Permission.objects.create(dataset=dataset, user=reader, role=1)
    assert client.get("/api/datasets/flights/grant/").status_code == 200
    permission.delete()
    assert problem_of(client.get("/api/datasets/flights/grant/"))[:2] == (404, "unknown_dataset")
