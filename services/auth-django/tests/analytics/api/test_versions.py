from auth_rig.work import make_dataset, make_version
from rest_framework.test import APIClient
from users.models import User


def test_versions_come_newest_first(api: APIClient, owner: User) -> None:
    dataset = make_dataset(owner, "flights")
    assert api.get("/api/datasets/flights/versions/").json() == []
    made = [make_version(dataset, number) for number in (1, 2)]
    found = api.get("/api/datasets/flights/versions/").json()
    assert [(row["version_id"], row["number"], row["rows"]) for row in found] == [
        (str(made[1].pk), 2, 2),
        (str(made[0].pk), 1, 2),
    ]
