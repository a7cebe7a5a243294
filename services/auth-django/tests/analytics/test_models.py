import pytest
from analytics.models import Dataset, Permission, Role, Upload, Version
from auth_rig.work import make_dataset, make_version
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from users.models import User

pytestmark = pytest.mark.django_db


def test_one_live_dataset_has_a_slug(owner: User) -> None:
    first = make_dataset(owner, "points")
    with pytest.raises(IntegrityError), transaction.atomic():
        Dataset.objects.create(slug="points", title="x", owner=owner)
    Dataset.objects.filter(pk=first.pk).update(deleted_at="2026-01-01T00:00:00Z")
    Dataset.objects.create(slug="points", title="x", owner=owner)
    assert Dataset.objects.filter(slug="points").count() == 2


def test_a_role_is_of_a_user_or_of_a_group(owner: User) -> None:
    dataset, group = make_dataset(owner, "points"), Group.objects.create(name="g")
    for holder in ({}, {"user": owner, "group": group}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Permission.objects.create(dataset=dataset, role=Role.VIEWER, **holder)


def test_a_number_is_of_one_version(owner: User) -> None:
    dataset = make_dataset(owner, "points")
    make_version(dataset, 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_version(dataset, 1)


def test_rows_say_what_they_are(owner: User) -> None:
    dataset = make_dataset(owner, "points")
    assert [str(dataset), str(make_version(dataset)), str(dataset.permissions.get())] == [
        "points",
        "points v1",
        f"{owner.email}: owner of points",
    ]
    assert Version.objects.get().dataset == dataset


def test_a_name_is_no_part_of_a_path() -> None:
    upload = Upload(name="../../evil.csv")
    assert upload.uri == f"uploads/{upload.pk}/source"
