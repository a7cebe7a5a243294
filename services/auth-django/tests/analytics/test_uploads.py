import errno
from pathlib import Path

import pytest
from analytics.uploads import StorageUploadHandler, adopt
from auth_rig.work import CSV, FORMATS
from halftone_servicekit.errors import HalftoneError
from users.models import User


def test_magic_may_come_in_two_parts(home: Path) -> None:
    handler = StorageUploadHandler(100, FORMATS)
    handler.new_file("file", "a.parquet", "", None)
    handler.receive_data_chunk(b"PA", 0)
    with pytest.raises(HalftoneError, match="type_mismatch"):
        handler.receive_data_chunk(b"XX", 2)
    handler.discard()
    assert not (home / "storage" / handler.folder).exists()


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
