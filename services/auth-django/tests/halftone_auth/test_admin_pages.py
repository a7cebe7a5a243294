import pytest
from auth_rig.work import make_dataset, make_version
from django.test import Client
from users.models import User


@pytest.mark.django_db
def test_what_the_service_alone_writes_is_shown_and_not_changed(desk: Client, owner: User) -> None:
    version = make_version(make_dataset(owner, "points"))
    page = f"/admin/analytics/version/{version.pk}/"
    assert desk.get(f"{page}change/", secure=True).status_code == 200
    assert desk.post(f"{page}change/", {"rows": "5"}, secure=True).status_code == 403
    assert desk.post(f"{page}delete/", {"post": "yes"}, secure=True).status_code == 403
    assert desk.get("/admin/analytics/version/add/", secure=True).status_code == 403
    version.refresh_from_db()
    assert version.rows == 2
