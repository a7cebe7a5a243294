from typing import Any

import pytest
from analytics.models import Job
from auth_rig.people import problem_of
from auth_rig.work import make_upload
from rest_framework.test import APIClient
from users.models import User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"url": "x"}, ("unknown_field", "url")),
        ({"reading": {"columns": {"x": 1}}}, ("param_invalid", "reading.columns.x")),
        ({"reading": {"firm": False}}, ("unknown_field", "firm")),
        ({"reading": {"dialect": {"quote": "x" * 300_000}}}, ("param_out_of_range", "reading.non_field_errors")),
    ],
)
def test_odd_readings_are_named(api: APIClient, owner: User, body: dict[str, Any], problem: tuple[str, str]) -> None:
    upload = make_upload(owner)
    assert problem_of(api.post(f"/api/uploads/{upload.pk}/preview/", body))[1:] == problem
    if "reading" in body:
        assert problem_of(api.post("/api/imports/", {"upload": str(upload.pk), "title": "x", **body}))[1:] == problem
    assert not Job.objects.exists()
