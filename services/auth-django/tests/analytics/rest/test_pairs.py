import pytest
from analytics.models import Job
from analytics.rest.pairs import PairField
from auth_rig.people import problem_of
from auth_rig.work import make_upload
from rest_framework.test import APIClient
from users.models import User


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("pair", "problem"),
    [
        ({"x": "a"}, ("param_invalid", "pair.y")),
        ({"x": "a", "y": 3}, ("param_invalid", "pair.y")),
        ({"x": "a", "y": "b", "z": "c"}, ("unknown_field", "z")),
        ({"x": "a", "y": "a"}, ("param_invalid", "pair.y")),
        ({"x": "", "y": "a"}, ("param_invalid", "pair.x")),
        ("a", ("param_invalid", "pair.non_field_errors")),
        (3, ("param_invalid", "pair.non_field_errors")),
    ],
)
def test_odd_pairs_are_named(api: APIClient, owner: User, pair: object, problem: tuple[str, str]) -> None:
    body = {"upload": str(make_upload(owner).pk), "title": "x", "pair": pair}
    assert problem_of(api.post("/api/imports/", body))[1:] == problem
    assert not Job.objects.exists()


def test_no_pair_is_null() -> None:
    field = PairField(help_text="")
    assert field.to_representation({"x": "a", "y": "b"}) == {"x": "a", "y": "b"}
    assert field.to_representation({}) is None
