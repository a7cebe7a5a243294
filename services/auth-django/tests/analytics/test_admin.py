import pytest
from analytics.models import Permission
from auth_rig.people import client_of, make_user
from auth_rig.work import make_dataset, queue_import
from django.test import Client
from rest_framework.test import APIClient
from users.models import User

pytestmark = pytest.mark.django_db


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


def test_a_permission_is_given(desk: Client, owner: User) -> None:
    dataset, reader = make_dataset(owner, "points"), make_user("reader")
    form = {"permission-dataset": str(dataset.pk), "permission-user": str(reader.pk), "permission-role": "1"}
    assert desk.post("/admin/analytics/permission/add/", form, secure=True).status_code == 302
    assert Permission.objects.filter(user=reader).exists()
    assert client_of(reader).get("/api/datasets/points/").status_code == 200


def test_jobs_are_cancelled(desk: Client, api: APIClient) -> None:
    job = queue_import(api)
    chosen = {"action": "cancel", "_selected_action": str(job.pk)}
    assert desk.post("/admin/analytics/job/", chosen, secure=True).status_code == 302
    job.refresh_from_db()
    assert job.state == "cancelled"
    job.state = "failed"
    job.save()
    answer = desk.post("/admin/analytics/job/", chosen, secure=True, follow=True)
    assert b"The job is failed already." in answer.content
