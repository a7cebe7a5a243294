import uuid

import pytest
from analytics.catalogue.access import (
    dataset_for,
    is_slug,
    job_for,
    role_of,
    upload_for,
    uuid_or_none,
    version_of,
    visible,
)
from analytics.models import Role
from auth_rig.work import make_dataset, make_upload, make_version
from halftone_servicekit.errors import HalftoneError
from users.models import User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("slug", ["a", "a-b", "0", "x" * 63, "flights-3m"])
def test_slugs_are_plain(slug: str) -> None:
    assert is_slug(slug)


@pytest.mark.parametrize(
    "slug", ["", "-", "-a", "a-", "A", "a b", "a\n", "a\0", "é", "x" * 64, "1 OR 1=1", "../a", "a_b"]
)
def test_anything_else_is_none(slug: str) -> None:
    assert not is_slug(slug)


@pytest.mark.parametrize("text", ["", "x", "1", "{00000000-0000-4000-8000-000000000000}", "0" * 32, "z" * 36])
def test_a_uuid_has_one_spelling(text: str) -> None:
    assert uuid_or_none(text) is None
    assert uuid_or_none("00000000-0000-4000-8000-000000000000") is not None


def test_a_role_below_the_needed_one_is_forbidden(owner: User, stranger: User) -> None:
    dataset = make_dataset(owner, "points")
    dataset.permissions.create(user=stranger, role=Role.EDITOR)
    assert role_of(dataset_for(stranger, "points", Role.EDITOR)) == Role.EDITOR
    with pytest.raises(HalftoneError, match="forbidden: Only an owner"):
        dataset_for(stranger, "points", Role.OWNER)


def test_a_disinterested_superuser_sees_nothing_by_the_api(owner: User, stranger: User) -> None:
    make_dataset(owner, "points")
    User.objects.filter(pk=stranger.pk).update(is_superuser=True, is_staff=True)
    stranger.refresh_from_db()
    assert not visible(stranger).exists()


def test_rights_are_joined_and_not_fetched(owner: User) -> None:
    sql = str(visible(owner).query)
    assert sql.count("SELECT") <= 2
    assert "JOIN" in sql


def test_what_is_deleted_is_seen_only_when_asked_for(owner: User) -> None:
    dataset = make_dataset(owner, "points")
    type(dataset).objects.update(deleted_at="2026-01-01T00:00:00Z")
    assert not visible(owner).exists()
    assert visible(owner, deleted=True).get() == dataset


def test_versions_are_of_their_dataset(owner: User) -> None:
    first, second = make_dataset(owner, "a"), make_dataset(owner, "b")
    version = make_version(first)
    assert version_of(dataset_for(owner, "a"), str(version.pk)) == version
    with pytest.raises(HalftoneError, match="version_gone"):
        version_of(second, str(version.pk))


def test_unknown_ids_are_not_found(owner: User, stranger: User) -> None:
    upload = make_upload(owner)
    assert upload_for(owner, upload.pk) == upload
    for user, identity in ((stranger, str(upload.pk)), (owner, str(uuid.uuid4())), (owner, "x")):
        with pytest.raises(HalftoneError, match="not_found"):
            upload_for(user, identity)
        with pytest.raises(HalftoneError, match="not_found"):
            job_for(user, identity)
