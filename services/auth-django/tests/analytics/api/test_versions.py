import pytest
from analytics.models import Dataset, Job, Permission, Version
from auth_rig.people import problem_of
from auth_rig.work import make_dataset, make_version
from rest_framework.test import APIClient
from users.models import User

pytestmark = pytest.mark.django_db


def test_versions_come_newest_first(api: APIClient, owner: User) -> None:
    dataset = make_dataset(owner, "flights")
    assert api.get("/api/datasets/flights/versions/").json() == []
    made = [make_version(dataset, number) for number in (1, 2)]
    found = api.get("/api/datasets/flights/versions/").json()
    assert [(row["version_id"], row["number"], row["rows"]) for row in found] == [
        (str(made[1].pk), 2, 2),
        (str(made[0].pk), 1, 2),
    ]


PLACE = "/api/datasets/flights/index/"
BODY = {"x": "x", "y": "t"}
COLUMNS = [
    {"name": "x", "type": "COLUMN_TYPE_NUMBER", "min": 1, "max": 3},
    {"name": "t", "type": "COLUMN_TYPE_TIME", "min": 1, "max": 3},
    {"name": "kind", "type": "COLUMN_TYPE_CATEGORY"},
]


@pytest.fixture
def version(owner: User) -> Version:
    made = make_version(make_dataset(owner, "flights"))
    Version.objects.update(rows=100_000, columns=COLUMNS, pair={"x": "t", "y": "x"})
    return made


def test_an_index_is_a_job_on_the_newest_version(api: APIClient, version: Version) -> None:
    response = api.post(PLACE, BODY)
    assert response.status_code == 202
    body = response.json()
    assert response.headers["Location"] == f"/api/jobs/{body['id']}/"
    assert {key: body[key] for key in ("kind", "state", "dataset", "upload", "source", "pair")} == {
        "kind": "index",
        "state": "queued",
        "dataset": "flights",
        "upload": None,
        "source": "",
        "pair": BODY,
    }
    job = Job.objects.get()
    assert (job.base, job.bytes_total, job.title) == (version, 10, "Points")
    assert [each["id"] for each in api.get("/api/jobs/").json()["results"]] == [body["id"]]
    assert api.post(f"/api/jobs/{body['id']}/cancel/").json()["state"] == "cancelled"


def test_editors_may_and_viewers_may_not(foreign: APIClient, stranger: User, version: Version) -> None:
    assert problem_of(foreign.post(PLACE, BODY))[:2] == (404, "unknown_dataset")
    Permission.objects.create(dataset=version.dataset, user=stranger, role=1)
    assert problem_of(foreign.post(PLACE, BODY))[:2] == (403, "forbidden")
    assert not Job.objects.exists()
    Permission.objects.filter(user=stranger).update(role=2)
    assert foreign.post(PLACE, BODY).status_code == 202


def test_a_repeat_with_its_key_makes_nothing_new(api: APIClient, version: Version) -> None:
    first, again = (api.post(PLACE, BODY, headers={"Idempotency-Key": "index-1"}) for _ in range(2))
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert Job.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"x": "x", "y": "kind"}, (400, "param_invalid", "y")),
        ({"x": "gone", "y": "x"}, (400, "param_invalid", "x")),
        ({"x": "x", "y": "x"}, (400, "param_invalid", "y")),
        ({"x": "x"}, (400, "param_invalid", "y")),
        ({"x": "x", "y": "t", "z": "x"}, (400, "unknown_field", "z")),
        ({"x": "t", "y": "x"}, (409, "conflict", "")),
    ],
)
def test_what_can_not_be_is_named(
    api: APIClient, version: Version, body: dict[str, str], problem: tuple[int, str, str]
) -> None:
    assert problem_of(api.post(PLACE, body)) == problem
    assert not Job.objects.exists()


def test_few_rows_no_version_and_a_job_on_its_way_are_refused(api: APIClient, version: Version) -> None:
    Version.objects.update(rows=65_536)
    assert problem_of(api.post(PLACE, BODY))[:2] == (409, "conflict")
    Version.objects.update(rows=65_537)
    assert api.post(PLACE, BODY).status_code == 202
    assert problem_of(api.post(PLACE, BODY))[:2] == (409, "conflict")
    Job.objects.update(state="failed")
    Dataset.objects.update(newest=None)
    assert problem_of(api.post(PLACE, BODY))[:2] == (410, "version_gone")
