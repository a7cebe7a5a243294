from pathlib import Path

import pytest
from analytics.models import Upload
from analytics.uploads import sources, space
from auth_rig.work import CSV
from django.contrib.auth.models import Group, Permission
from halftone_servicekit.errors import HalftoneError
from halftone_servicekit.storage import StorageAddress
from pytest_django.fixtures import Settings
from users.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("formats")]


@pytest.fixture
def folder(home: Path, settings: Settings) -> Path:
    folder = home / "opened"
    folder.mkdir()
    settings.IMPORT_ROOTS = {"trips": StorageAddress(f"file://{folder}")}
    return folder


def write(folder: Path, *names: str, content: bytes = CSV) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def test_staff_and_members_of_a_group_with_the_permission_may(folder: Path, owner: User) -> None:
    assert sources.names(owner) == []
    with pytest.raises(HalftoneError, match="not_found"):
        sources.source_for(owner, "trips")
    group = Group.objects.create(name="importers")
    group.permissions.add(Permission.objects.get(codename="use_sources"))
    owner.groups.add(group)
    member = User.objects.get(pk=owner.pk)
    assert sources.names(member) == ["trips"]
    assert sources.names(User(is_staff=True)) == ["trips"]
    with pytest.raises(HalftoneError, match="not_found"):
        sources.source_for(member, "other")


def test_an_upload_refers_to_a_file_or_a_folder_and_counts_for_no_quota(folder: Path, owner: User, home: Path) -> None:
    write(folder, "a/1.csv", "a/2.csv", "a/_SUCCESS")
    source = sources.source_of("trips")
    many = sources.refer(owner, source, "a")
    one = sources.refer(owner, source, "a/1.csv")
    assert (many.name, many.format, many.bytes, many.uri) == ("a", "csv", 2 * len(CSV), "source:trips/a")
    assert (one.name, one.format, one.bytes, one.uri) == ("1.csv", "csv", len(CSV), "source:trips/a/1.csv")
    assert space.used(owner) == space.reserved() == 0
    assert not (home / "storage").exists()


@pytest.mark.parametrize(
    ("names", "content", "error"),
    [
        (["a/1.csv", "a/notes.md"], CSV, r"type_mismatch: a/notes.md: "),
        (["a/1.csv", "a/2.xlsx"], CSV, r"type_mismatch: a/2.xlsx: all files"),
        (["a/1.csv"], b"\x7fELF", "type_mismatch"),
        (["a/1.csv"], b"", "empty_file"),
        (["b.csv"], CSV, "not_found"),
    ],
)
def test_what_is_no_table_is_refused(folder: Path, owner: User, names: list[str], content: bytes, error: str) -> None:
    write(folder, *names, content=content)
    with pytest.raises(HalftoneError, match=error):
        sources.refer(owner, sources.source_of("trips"), "a")
    assert not Upload.objects.exists()
