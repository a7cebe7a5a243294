import pytest
from auth_rig.people import PASSWORD, client_of
from auth_rig.work import Worker, make_dataset, make_version, queue_import
from django.contrib import admin
from django.db.models import ProtectedError
from django.test import Client
from users.models import SessionFamily, User

pytestmark = pytest.mark.django_db


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


def test_a_user_with_jobs_can_be_deleted_and_one_with_datasets_not(owner: User, stranger: User) -> None:
    dataset = make_dataset(owner, "points")
    dataset.permissions.create(user=stranger, role=2)
    queue_import(client_of(stranger), dataset="points")
    stranger.delete()
    with pytest.raises(ProtectedError):
        owner.delete()
