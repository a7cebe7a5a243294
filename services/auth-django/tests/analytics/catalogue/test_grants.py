import hashlib

import jwt
import pytest
from analytics.catalogue.grants import POLICY_HASH, sign_grant
from auth_rig.work import make_dataset, make_version
from users.models import User


def test_the_policy_hash_is_of_canonical_json() -> None:
    assert hashlib.sha256(b'{"policy":null}').hexdigest() == POLICY_HASH


@pytest.mark.django_db
def test_a_grant_is_about_one_person_and_one_version(owner: User) -> None:
    dataset = make_dataset(owner, "points")
    version = make_version(dataset)
    claims = jwt.decode(sign_grant(owner, dataset, version), options={"verify_signature": False})
    assert {name: claims[name] for name in ("sub", "dataset", "version", "manifest")} == {
        "sub": str(owner.pk),
        "dataset": str(dataset.pk),
        "version": str(version.pk),
        "manifest": version.manifest,
    }
    again = jwt.decode(sign_grant(owner, dataset, version), options={"verify_signature": False})
    assert again["jti"] != claims["jti"]
