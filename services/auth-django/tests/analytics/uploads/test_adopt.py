import errno
import zipfile
from pathlib import Path

import pytest
from analytics.formats import KnownFormat, announce
from analytics.uploads.adopt import adopt
from auth_rig.work import CSV
from halftone_servicekit.errors import HalftoneError
from users.models import User


@pytest.mark.django_db
def test_a_file_of_this_machine_is_linked_or_copied(owner: User, home: Path) -> None:
    source = home / "a.csv"
    source.write_bytes(CSV)
    upload = adopt(owner, source)
    target = home / "storage" / upload.uri
    assert target.read_bytes() == CSV
    assert target.stat().st_ino == source.stat().st_ino
    assert (upload.name, upload.bytes) == ("a.csv", len(CSV))


@pytest.mark.django_db
def test_a_link_that_cannot_be_made_is_a_copy(owner: User, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EXDEV, "another device")

    monkeypatch.setattr("halftone_servicekit.storage.files.os.link", refuse)
    source = home / "a.csv"
    source.write_bytes(CSV)
    target = home / "storage" / adopt(owner, source).uri
    assert target.read_bytes() == CSV
    assert target.stat().st_ino != source.stat().st_ino


@pytest.mark.django_db
def test_a_folder_of_parts_becomes_an_archive(owner: User, home: Path) -> None:
    folder = home / "trips"
    for name in ("year=2024/a.parquet", "year=2025/b.parquet", "notes.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(f"PAR1 {name}".encode())
    announce([KnownFormat("Parquet", ("parquet", "parquet.zip"), (b"PAR1", b"PK\x03\x04"))])
    upload = adopt(owner, folder)
    target = home / "storage" / upload.uri
    with zipfile.ZipFile(target) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    assert found == {name: f"PAR1 {name}".encode() for name in ("year=2024/a.parquet", "year=2025/b.parquet")}
    assert (upload.name, upload.format, upload.bytes) == ("trips.parquet.zip", "parquet.zip", target.stat().st_size)


@pytest.mark.django_db
def test_a_folder_without_parts_is_empty(owner: User, home: Path) -> None:
    (home / "trips").mkdir()
    with pytest.raises(HalftoneError, match="empty_file"):
        adopt(owner, home / "trips")
    assert not (home / "storage").exists()


@pytest.mark.django_db
def test_a_folder_that_can_not_be_read_leaves_nothing(owner: User, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "trips").mkdir()
    (home / "trips" / "a.parquet").write_bytes(b"PAR1")

    def refuse(*_: object) -> None:
        raise OSError(errno.EIO, "a bad block")

    monkeypatch.setattr("analytics.uploads.adopt.zipfile.ZipFile.write", refuse)
    with pytest.raises(OSError, match="a bad block"):
        adopt(owner, home / "trips")
    assert not [path for path in (home / "storage").rglob("*") if path.is_file()]
