"""The resource of the recipe: its answer, and its refusals."""

from auth_rig.work import make_dataset, make_version
from rest_framework.test import APIClient
from users.models import User


def test_rows_of_all_versions_are_added(api: APIClient, owner: User) -> None:
    dataset = make_dataset(owner, "flights")
    made = [make_version(dataset, number) for number in (1, 2)]
    assert api.get("/api/datasets/flights/rows/").json() == {"rows": sum(version.rows for version in made)}


def test_what_may_not_be_seen_is_not_there(api: APIClient) -> None:
    assert api.get("/api/datasets/nowhere/rows/").status_code == 404
