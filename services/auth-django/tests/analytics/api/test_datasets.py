import uuid

import pytest
from analytics.models import Dataset, Event, Permission, Role
from auth_rig.people import client_of, make_user, problem_of
from auth_rig.work import make_dataset, make_version
from django.contrib.auth.models import Group
from rest_framework.test import APIClient
from users.models import User

pytestmark = pytest.mark.django_db
SAME_ID = {"X-Request-Id": "the-same-request"}


def slugs(client: APIClient, **query: str) -> list[str]:
    return [dataset["slug"] for dataset in client.get("/api/datasets/", query).json()["results"]]


class TestList:
    def test_it_shows_what_the_caller_may_see_and_nothing_else(
        self, api: APIClient, owner: User, stranger: User
    ) -> None:
        make_dataset(owner, "mine")
        make_dataset(stranger, "theirs")
        shared = make_dataset(stranger, "shared")
        Permission.objects.create(dataset=shared, user=owner, role=Role.VIEWER)
        grouped = make_dataset(stranger, "grouped")
        group = Group.objects.create(name="analysts")
        owner.groups.add(group)
        Permission.objects.create(dataset=grouped, group=group, role=Role.EDITOR)
        assert slugs(api) == ["grouped", "shared", "mine"]

    def test_several_roles_count_once_and_the_greatest_wins(self, api: APIClient, owner: User, stranger: User) -> None:
        dataset = make_dataset(stranger, "shared")
        Permission.objects.create(dataset=dataset, user=owner, role=Role.VIEWER)
        for name in ("a", "b"):
            group = Group.objects.create(name=name)
            owner.groups.add(group)
            Permission.objects.create(dataset=dataset, group=group, role=Role.EDITOR)
        assert [(row["slug"], row["role"]) for row in api.get("/api/datasets/").json()["results"]] == [
            ("shared", "editor")
        ]

    def test_rights_are_one_query(self, api: APIClient, owner: User, django_assert_max_num_queries: object) -> None:
        for number in range(5):
            make_version(make_dataset(owner, f"set-{number}"))
        with django_assert_max_num_queries(2):  # type: ignore[operator]  # the session and the list
            assert len(slugs(api)) == 5

    def test_search_takes_every_word(self, api: APIClient, owner: User) -> None:
        make_dataset(owner, "flights", "Three million flights")
        make_dataset(owner, "taxis", "Taxi rides")
        assert slugs(api, search="MILLION flig") == ["flights"]
        assert slugs(api, search="100%") == []
        assert slugs(api, search="'; DROP TABLE analytics_dataset; --") == []

    def test_pages_follow_each_other(self, api: APIClient, owner: User) -> None:
        for number in range(5):
            make_dataset(owner, f"set-{number}")
        seen: list[str] = []
        url = "/api/datasets/?page_size=2"
        while url:
            page = api.get(url).json()
            seen += [dataset["slug"] for dataset in page["results"]]
            url = page["next"]
        assert seen == [f"set-{number}" for number in (4, 3, 2, 1, 0)]

    @pytest.mark.parametrize(
        ("query", "code", "field"),
        [
            ("page_size=-1", "param_invalid", "page_size"),
            ("page_size=abc", "param_invalid", "page_size"),
            ("page_size=", "param_invalid", "page_size"),
            ("page_size=0", "param_out_of_range", "page_size"),
            ("page_size=101", "param_out_of_range", "page_size"),
            ("page_size=1000000000", "param_invalid", "page_size"),
            ("page_size=1&page_size=2", "param_invalid", "page_size"),
            ("ordering=owner__password", "unknown_field", "ordering"),
            ("_connector=OR", "unknown_field", "_connector"),
            ("search=%00", "param_invalid", "search"),
        ],
    )
    def test_odd_queries_are_named(self, api: APIClient, query: str, code: str, field: str) -> None:
        assert problem_of(api.get(f"/api/datasets/?{query}")) == (400, code, field)

    def test_a_made_up_cursor_is_not_found(self, api: APIClient) -> None:
        assert problem_of(api.get("/api/datasets/?cursor=xyz"))[:2] == (404, "not_found")


class TestCreate:
    def test_the_creator_owns_it(self, api: APIClient, owner: User) -> None:
        response = api.post("/api/datasets/", {"slug": "flights", "title": "Flights", "description": "All of them"})
        assert response.status_code == 201
        assert response.headers["Location"] == "/api/datasets/flights/"
        assert response.headers["ETag"] == '"1"'
        body = response.json()
        assert (body["role"], body["version"], body["owner"]["email"]) == ("owner", None, owner.email)
        assert api.get("/api/datasets/flights/").json() == body

    def test_a_slug_is_made_of_the_title(self, api: APIClient) -> None:
        made = [
            api.post("/api/datasets/", {"title": title}).json()["slug"]
            for title in ("Été à Nîmes", "ete a nimes", "日本")
        ]
        assert made == ["ete-a-nimes", "ete-a-nimes-2", "dataset"]

    def test_a_taken_slug_is_a_conflict(self, api: APIClient, stranger: User) -> None:
        make_dataset(stranger, "flights")
        assert problem_of(api.post("/api/datasets/", {"slug": "flights", "title": "x"})) == (409, "conflict", "slug")

    @pytest.mark.parametrize(
        ("body", "problem"),
        [
            ({}, ("param_invalid", "title")),
            ({"title": ""}, ("param_invalid", "title")),
            ({"title": 5}, ("param_invalid", "title")),
            ({"title": "x" * 129}, ("param_out_of_range", "title")),
            ({"title": "x", "description": "x" * 4001}, ("param_out_of_range", "description")),
            ({"title": "x", "slug": "Has Space"}, ("param_invalid", "slug")),
            ({"title": "x", "slug": "-a"}, ("param_invalid", "slug")),
            ({"title": "x", "slug": "a\n"}, ("param_invalid", "slug")),
            ({"title": "x", "owner": "me"}, ("unknown_field", "owner")),
        ],
    )
    def test_odd_bodies_are_named(self, api: APIClient, body: dict[str, object], problem: tuple[str, str]) -> None:
        if body.get("slug") == "a\n":
            assert api.post("/api/datasets/", body).json()["slug"] == "a"
        else:
            assert problem_of(api.post("/api/datasets/", body)) == (400, *problem)

    def test_only_json_is_taken(self, api: APIClient) -> None:
        response = api.post("/api/datasets/", b"<title/>", content_type="application/xml")
        assert problem_of(response)[:2] == (415, "unsupported_media_type")


class TestOne:
    @pytest.mark.parametrize("suffix", ["", "versions/", "columns/", "grant/", "permissions/"])
    def test_a_stranger_s_looks_like_a_random_one(self, foreign: APIClient, owner: User, suffix: str) -> None:
        make_version(make_dataset(owner, "secret"))
        theirs = foreign.get(f"/api/datasets/secret/{suffix}", headers=SAME_ID)
        random = foreign.get(f"/api/datasets/nowhere/{suffix}", headers=SAME_ID)
        assert problem_of(theirs)[:2] == (404, "unknown_dataset")
        assert (theirs.content, theirs.status_code) == (random.content, random.status_code)
        volatile = {"Date", "X-Request-Id"}
        assert {k: v for k, v in theirs.headers.items() if k not in volatile} == {
            k: v for k, v in random.headers.items() if k not in volatile
        }

    @pytest.mark.parametrize("slug", ["1%20OR%201=1", "%00", "..%2f..%2fetc", "a%0d%0ab", "%ff", "'", "x" * 5000, "日"])
    def test_odd_slugs_are_not_found(self, api: APIClient, slug: str) -> None:
        assert api.get(f"/api/datasets/{slug}/").status_code == 404
        assert api.delete(f"/api/datasets/{slug}/").status_code == 404
        assert api.post(f"/api/datasets/{slug}/restore/").status_code == 404

    def test_a_change_needs_the_state_that_was_seen(self, api: APIClient, owner: User) -> None:
        make_dataset(owner, "flights")
        url = "/api/datasets/flights/"
        assert problem_of(api.patch(url, {"title": "New"})) == (428, "precondition_required", "If-Match")
        etag = api.get(url).headers["ETag"]
        changed = api.patch(url, {"title": "New"}, headers={"If-Match": etag})
        assert (changed.status_code, changed.json()["title"], changed.headers["ETag"]) == (200, "New", '"2"')
        for stale in (etag, "*", "2", '"x"'):
            assert problem_of(api.patch(url, {"title": "Old"}, headers={"If-Match": stale}))[:2] == (
                412,
                "precondition_failed",
            )
        assert Dataset.objects.get().title == "New"

    def test_roles_decide_what_may_be_changed(self, api: APIClient, owner: User) -> None:
        dataset = make_dataset(owner, "flights")
        reader, editor = make_user("reader"), make_user("editor")
        Permission.objects.create(dataset=dataset, user=reader, role=Role.VIEWER)
        Permission.objects.create(dataset=dataset, user=editor, role=Role.EDITOR)
        url, seen = "/api/datasets/flights/", {"If-Match": '"1"'}
        assert client_of(reader).patch(url, {"title": "x"}, headers=seen).status_code == 403
        assert client_of(editor).patch(url, {"title": "x"}, headers=seen).status_code == 200
        assert problem_of(client_of(editor).delete(url))[:2] == (403, "forbidden")
        assert client_of(editor).get(f"{url}permissions/").status_code == 403
        assert api.delete(url).status_code == 200

    def test_other_methods_say_which_are_allowed(self, api: APIClient, owner: User) -> None:
        make_dataset(owner, "flights")
        response = api.put("/api/datasets/flights/", {})
        assert problem_of(response)[:2] == (405, "method_not_allowed")
        assert set(response.headers["Allow"].split(", ")) >= {"GET", "PATCH", "DELETE"}
        assert api.delete("/api/datasets/").status_code == 405
        assert api.trace("/api/datasets/").status_code == 405


class TestDelete:
    def test_it_hides_at_once_and_comes_back(self, api: APIClient, owner: User) -> None:
        dataset = make_dataset(owner, "flights")
        version = make_version(dataset)
        response = api.delete("/api/datasets/flights/")
        assert response.status_code == 200
        assert "restorable_until" in response.json()
        assert slugs(api) == []
        assert api.get("/api/datasets/flights/grant/").status_code == 404
        assert Event.objects.filter(kind="dataset_deleted", dataset_id=dataset.pk).count() == 1
        assert api.delete("/api/datasets/flights/").status_code == 404
        assert api.post("/api/datasets/flights/restore/").json()["version"]["version_id"] == str(version.pk)
        assert slugs(api) == ["flights"]
        assert api.get("/api/datasets/flights/grant/").status_code == 200

    def test_a_stranger_cannot_bring_it_back(self, api: APIClient, foreign: APIClient, owner: User) -> None:
        make_dataset(owner, "flights")
        api.delete("/api/datasets/flights/")
        assert problem_of(foreign.post("/api/datasets/flights/restore/"))[:2] == (404, "unknown_dataset")

    def test_its_slug_is_free_for_another(self, api: APIClient, foreign: APIClient, owner: User) -> None:
        make_dataset(owner, "flights")
        api.delete("/api/datasets/flights/")
        assert foreign.post("/api/datasets/", {"title": "x", "slug": "flights"}).status_code == 201
        assert problem_of(api.post("/api/datasets/flights/restore/")) == (409, "conflict", "slug")

    def test_after_ten_minutes_it_is_gone(self, api: APIClient, owner: User) -> None:
        dataset = make_dataset(owner, "flights")
        api.delete("/api/datasets/flights/")
        Dataset.objects.filter(pk=dataset.pk).update(deleted_at="2026-01-01T00:00:00Z")
        assert api.post("/api/datasets/flights/restore/").status_code == 404


def test_a_random_uuid_is_no_slug_of_a_dataset(api: APIClient, owner: User) -> None:
    dataset = make_dataset(owner, "flights")
    assert api.get(f"/api/datasets/{dataset.pk}/").status_code == 404
    assert api.get(f"/api/datasets/{uuid.uuid4()}/").status_code == 404
