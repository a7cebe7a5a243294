from uuid import uuid4

import pytest
from analytics.models import Dataset, Event, Job, Permission, Role, Upload, Version
from auth_rig.work import make_dataset, make_version
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.db.migrations import AddField
from django.db.migrations.loader import MigrationLoader
from users.models import User

pytestmark = pytest.mark.django_db
OURS = ("users", "analytics")
# The last migration of the release before.
BEFORE = [("users", "0001_initial"), ("analytics", "0004_exact_columns")]


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


def added() -> list[tuple[str, str, str]]:
    """App, model and name of every column that a table got after it was made."""
    migrations = [
        (app, migration)
        for (app, _), migration in MigrationLoader(None).disk_migrations.items()
        if app in OURS and not migration.initial
    ]
    operations = [(app, operation) for app, migration in migrations for operation in migration.operations]
    return [(app, add.model_name, add.name) for app, add in operations if isinstance(add, AddField)]


def test_no_migration_is_missing() -> None:
    call_command("makemigrations", "--check", "--dry-run")


def test_a_column_that_older_services_do_not_know_has_a_value_without_them() -> None:
    fields = [apps.get_model(app, model)._meta.get_field(name) for app, model, name in added()]
    assert len(fields) > 8
    assert not [str(field) for field in fields if not (field.null or field.has_db_default())]


def test_a_service_of_the_release_before_can_insert(owner: User) -> None:
    old = MigrationLoader(None).project_state(BEFORE).apps
    person = old.get_model("users", "User").objects.get(pk=owner.pk)
    dataset = old.get_model("analytics", "Dataset").objects.create(slug="a", title="A", owner=person)
    upload = old.get_model("analytics", "Upload").objects.create(owner=person, name="a.csv", format="csv", bytes=1)
    old.get_model("analytics", "Job").objects.create(dataset=dataset, owner=person, upload=upload)
    old.get_model("analytics", "Version").objects.create(
        dataset=dataset,
        number=1,
        manifest="m",
        manifest_sha256="0",
        rows=1,
        bytes=1,
        columns=[],
        id=uuid4(),
        content_hash="0",
    )
    old.get_model("analytics", "Event").objects.create(kind="user_revoked", user_id=owner.pk)
    job, version = Job.objects.get(), Version.objects.get()
    assert Dataset.objects.get().is_draft is False
    assert (job.title, job.reading, job.unreadable, job.warnings) == ("", {}, {}, [])
    assert (version.reading, version.unreadable, version.warnings) == ({}, {}, [])
    assert Event.objects.get().token_version is None
