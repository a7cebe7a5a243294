import pytest
from analytics.models import Permission
from auth_rig.people import PASSWORD, client_of, make_user, sign_in
from auth_rig.work import Worker, make_dataset, make_version, queue_import
from django.contrib import admin
from django.db.models import ProtectedError
from django.test import Client
from users.models import SessionFamily, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(db: None) -> User:
    return User.objects.create_superuser("root@example.org", PASSWORD)


@pytest.fixture
def desk(staff: User) -> Client:
    """A browser in the admin."""
    client = Client(headers={"Host": "localhost"})
    answer = client.post("/admin/login/?next=/admin/", {"username": staff.email, "password": PASSWORD}, secure=True)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")
    return client


def test_every_model_has_its_pages(desk: Client, staff: User, worker: Worker) -> None:
    api = client_of(staff)
    make_version(make_dataset(staff))
    queue_import(api, title="Other")
    for model in admin.site._registry:
        base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        assert desk.get(base, secure=True).status_code == 200, base
        row = model._default_manager.first()
        if row is not None:
            assert desk.get(f"{base}{row.pk}/change/", secure=True).status_code == 200, base


def test_all_models_are_there() -> None:
    from django.apps import apps

    ours = {model for name in ("users", "analytics") for model in apps.get_app_config(name).get_models()}
    assert ours <= set(admin.site._registry)


def test_the_admin_s_sign_in_has_the_same_limit(staff: User) -> None:
    client = Client()
    for _ in range(11):
        answer = client.post("/admin/login/", {"username": staff.email, "password": "wrong"}, secure=True)
        assert answer.status_code == 200
    assert b"Too many tries" in answer.content
    assert sign_in(staff).status_code == 429


def test_nobody_else_gets_in(owner: User) -> None:
    client = Client()
    answer = client.post("/admin/login/", {"username": owner.email, "password": PASSWORD}, secure=True)
    assert answer.status_code == 200
    assert client.get("/admin/users/user/", secure=True).status_code == 302


def test_a_user_is_made_and_sessions_are_ended(desk: Client) -> None:
    form = {
        "email": "New@Example.org",
        "name": "New",
        "usable_password": "true",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    assert desk.post("/admin/users/user/add/", form, secure=True).status_code == 302
    made = User.objects.get(email="new@example.org")
    client = client_of(made)
    chosen = {"action": "end_sessions", "_selected_action": str(SessionFamily.objects.get().pk)}
    assert desk.post("/admin/users/sessionfamily/", chosen, secure=True).status_code == 302
    assert client.get("/api/me/").status_code == 401


def test_a_dataset_is_deleted_by_the_rules(desk: Client, owner: User) -> None:
    dataset = make_dataset(owner, "points")
    assert desk.post(f"/admin/analytics/dataset/{dataset.pk}/delete/", {"post": "yes"}, secure=True).status_code == 302
    dataset.refresh_from_db()
    assert dataset.deleted_at is not None
    page = f"/admin/analytics/dataset/{dataset.pk}/"
    assert desk.post(f"{page}delete/", {"post": "yes"}, secure=True).status_code == 403
    assert desk.post(f"{page}change/", {"title": "x"}, secure=True).status_code == 403
    assert desk.get(f"{page}change/", secure=True).status_code == 200


def test_a_dataset_is_changed_by_the_rules(desk: Client, owner: User) -> None:
    dataset = make_dataset(owner, "points")
    inline = {f"permissions-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    form = {"title": "New", "description": "", **inline}
    assert desk.post(f"/admin/analytics/dataset/{dataset.pk}/change/", form, secure=True).status_code == 302
    dataset.refresh_from_db()
    assert (dataset.title, dataset.revision) == ("New", 2)


def test_a_user_with_jobs_can_be_deleted_and_one_with_datasets_not(owner: User, stranger: User) -> None:
    dataset = make_dataset(owner, "points")
    dataset.permissions.create(user=stranger, role=2)
    queue_import(client_of(stranger), dataset="points")
    stranger.delete()
    with pytest.raises(ProtectedError):
        owner.delete()


def test_a_permission_is_given(desk: Client, owner: User) -> None:
    dataset, reader = make_dataset(owner, "points"), make_user("reader")
    form = {"permission-dataset": str(dataset.pk), "permission-user": str(reader.pk), "permission-role": "1"}
    assert desk.post("/admin/analytics/permission/add/", form, secure=True).status_code == 302
    assert Permission.objects.filter(user=reader).exists()
    assert client_of(reader).get("/api/datasets/points/").status_code == 200
