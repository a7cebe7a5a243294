import errno
from pathlib import Path

import pytest
from analytics.models import Upload
from analytics.uploads import StorageUploadHandler, adopt, check_head, format_of
from auth_rig.work import CSV
from halftone_servicekit.errors import HalftoneError
from users.models import User

PARQUET, CSV_FORMAT = Upload.Format.PARQUET, Upload.Format.CSV


@pytest.mark.parametrize(
    ("name", "found"), [("a.csv", CSV_FORMAT), ("A.CSV", CSV_FORMAT), ("a.b.parquet", PARQUET), ("日.Parquet", PARQUET)]
)
def test_a_name_promises_a_format(name: str, found: Upload.Format) -> None:
    assert format_of(name) == found


@pytest.mark.parametrize("name", ["", "csv", ".csv", "a.csv.exe", "a.csv ", "a.tsv", "a.arrow", "a.pkl"])
def test_another_name_promises_none(name: str) -> None:
    with pytest.raises(HalftoneError, match="type_mismatch"):
        format_of(name)


@pytest.mark.parametrize(
    ("kind", "head"),
    [(PARQUET, b"PAR1"), (PARQUET, b"P"), (PARQUET, b""), (CSV_FORMAT, b"x,y\n"), (CSV_FORMAT, b"\xff\xfex")],
)
def test_what_may_still_be_true_passes(kind: Upload.Format, head: bytes) -> None:
    check_head(kind, head)


@pytest.mark.parametrize(
    ("kind", "head"),
    [
        (PARQUET, b"PAR2"),
        (PARQUET, b"\0"),
        (CSV_FORMAT, b"\x89PNG"),
        (CSV_FORMAT, b"  <html>"),
        (CSV_FORMAT, b"\x93NUMPY"),
    ],
)
def test_what_cannot_be_true_does_not(kind: Upload.Format, head: bytes) -> None:
    with pytest.raises(HalftoneError, match="type_mismatch"):
        check_head(kind, head)


def test_magic_may_come_in_two_parts(home: Path) -> None:
    handler = StorageUploadHandler(100)
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
