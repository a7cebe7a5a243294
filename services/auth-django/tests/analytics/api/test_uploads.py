import os
import resource
import subprocess
import time
import uuid
from pathlib import Path

import pytest
from analytics.models import Format, Upload
from analytics.uploads import StorageUploadHandler
from auth_rig.people import problem_of
from auth_rig.work import CSV, FORMATS, csv_file, make_upload, upload
from halftone_auth.storage import storage
from halftone_servicekit.storage import Storage, StorageAddress
from halftone_servicekit.storage.files import _FileWriter
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient
from users.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("formats")]


def stored(home: Path) -> list[Path]:
    return [path for path in (home / "storage" / "uploads").glob("**/*") if path.is_file()]


def test_a_file_lies_under_a_name_of_ours(api: APIClient, owner: User, home: Path) -> None:
    response = upload(api, "My points.csv")
    assert response.status_code == 201
    body = response.json()
    assert (body["name"], body["format"], body["bytes"]) == ("My points.csv", "csv", len(CSV))
    assert stored(home) == [home / "storage" / "uploads" / body["id"] / "source"]
    assert stored(home)[0].read_bytes() == CSV
    assert Upload.objects.get().owner == owner
    assert api.get(f"/api/uploads/{body['id']}/").json() == body


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../evil.csv", "evil.csv"),
        ("a.parquet\x00.csv", "a.parquet.csv"),
        ("x" * 300 + ".csv", "x" * 251 + ".csv"),
        ("C:\\data\\a.CSV", "a.CSV"),
        ("日本.csv", "日本.csv"),
    ],
)
def test_names_are_data_and_no_paths(api: APIClient, home: Path, name: str, kept: str) -> None:
    file = csv_file()
    file._name = name  # type: ignore[attr-defined]  # the form's own name, before Django cleans it
    response = api.post("/api/uploads/", {"file": file}, format="multipart")
    assert response.status_code == 201, response.content
    assert response.json()["name"] == kept
    assert [path.name for path in stored(home)] == ["source"]


@pytest.mark.parametrize(
    ("name", "content", "status", "code"),
    [
        ("a.exe", CSV, 415, "type_mismatch"),
        ("a", CSV, 415, "type_mismatch"),
        ("../../app.py", CSV, 415, "type_mismatch"),
        ("a.json.gz", CSV, 415, "type_mismatch"),
        ("a.parquet", b"\x7fELF\x02\x01", 415, "type_mismatch"),
        ("a.parquet", b"P", 415, "type_mismatch"),
        ("a.parquet", CSV, 415, "type_mismatch"),
        ("a.parquet", b"<html>", 415, "type_mismatch"),
        ("a.csv", b"PAR1" + bytes(100), 415, "type_mismatch"),
        ("a.csv", b"\x7fELF" + bytes(100), 415, "type_mismatch"),
        ("a.csv", b"PK\x03\x04" + bytes(100), 415, "type_mismatch"),
        ("a.csv", b"", 422, "empty_file"),
        ("a.parquet", b"", 422, "empty_file"),
    ],
)
def test_what_is_no_table_is_refused_and_leaves_nothing(
    api: APIClient, home: Path, name: str, content: bytes, status: int, code: str
) -> None:
    assert problem_of(upload(api, name, content)) == (status, code, "file")
    assert stored(home) == []
    assert not Upload.objects.exists()


def test_before_a_worker_has_announced_its_formats_any_file_is_taken(api: APIClient) -> None:
    Format.objects.all().delete()
    assert upload(api, "a.fits", b"SIMPLE").json()["format"] == ""
    assert problem_of(upload(api, "a.fits", b"")) == (422, "empty_file", "file")


def test_the_limit_is_exact(api: APIClient, home: Path, settings: Settings) -> None:
    settings.UPLOAD_MAX_BYTES = 100
    assert upload(api, content=b"x" * 100).status_code == 201
    assert problem_of(upload(api, content=b"x" * 101)) == (413, "body_too_large", "file")
    assert len(stored(home)) == 1


def test_a_body_without_the_file_is_named(api: APIClient, home: Path) -> None:
    assert problem_of(api.post("/api/uploads/", {}, format="multipart"))[1:] == ("param_invalid", "file")
    assert problem_of(api.post("/api/uploads/", {"file": "text"}, format="multipart"))[1:] == ("param_invalid", "file")
    assert problem_of(api.post("/api/uploads/", {"data": csv_file()}, format="multipart"))[1:] == (
        "unknown_field",
        "data",
    )
    assert problem_of(api.post("/api/uploads/", {"file": csv_file(), "owner": "x"}, format="multipart"))[1:] == (
        "unknown_field",
        "owner",
    )
    two = {"file": [csv_file(), csv_file("b.csv")]}
    assert problem_of(api.post("/api/uploads/", two, format="multipart"))[1] == "unknown_field"
    assert stored(home) == []


def test_json_is_no_upload(api: APIClient) -> None:
    assert problem_of(api.post("/api/uploads/", {"file": "x"}))[:2] == (415, "unsupported_media_type")


@pytest.mark.parametrize("end", [b"", b"\r\n--b", b"\r\n--", b"\r"])
def test_a_form_that_is_cut_off_leaves_nothing_half(api: APIClient, home: Path, end: bytes) -> None:
    start = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n1,2'
    response = api.post("/api/uploads/", start + end, content_type="multipart/form-data; boundary=b")
    assert response.status_code in (201, 400)
    assert len(stored(home)) == Upload.objects.count() == (response.status_code == 201)
    assert all(path.name == "source" for path in stored(home))


def test_a_form_without_a_boundary_is_refused(api: APIClient) -> None:
    assert problem_of(api.post("/api/uploads/", b"x", content_type="multipart/form-data"))[:2] == (400, "bad_json")


def test_what_cannot_fit_is_refused_before_it_is_read(
    api: APIClient, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analytics.uploads.RESERVE_BYTES", 1 << 60)
    assert problem_of(upload(api)) == (507, "no_space", "")
    assert stored(home) == []


def test_a_disk_that_fills_up_leaves_nothing(api: APIClient, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real ENOSPC, from the kernel's own full device."""
    real = StorageUploadHandler.receive_data_chunk

    def write(self: StorageUploadHandler, raw: bytes, start: int) -> None:
        writer = self._writer
        assert isinstance(writer, _FileWriter)
        if writer._file.name != "/dev/full":
            writer._file.close()
            writer._file = open("/dev/full", "wb", buffering=0)  # type: ignore[assignment]  # noqa: SIM115
        real(self, raw, start)

    monkeypatch.setattr(StorageUploadHandler, "receive_data_chunk", write)
    assert problem_of(upload(api)) == (507, "no_space", "")
    assert stored(home) == []
    assert not Upload.objects.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root; /dev/full covers the same path")
def test_a_small_disk_fills_up(api: APIClient, home: Path, settings: Settings) -> None:
    disk = home / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk], check=False)
    if mounted.returncode:
        pytest.skip("this machine forbids mounts; /dev/full covers the same path")
    try:
        settings.STORAGE = StorageAddress(f"file://{disk}")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("analytics.uploads.RESERVE_BYTES", -(1 << 30))
            assert problem_of(upload(api, content=b"1,2\n" * 100_000)) == (507, "no_space", "")
            assert not [path for path in disk.glob("**/*") if path.is_file()]
            assert upload(api).status_code == 201
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_stranger_s_upload_looks_like_a_random_one(foreign: APIClient, owner: User) -> None:
    same = {"X-Request-Id": "the-same-request"}
    theirs = foreign.get(f"/api/uploads/{make_upload(owner).pk}/", headers=same)
    random = foreign.get(f"/api/uploads/{uuid.uuid4()}/", headers=same)
    assert theirs.status_code == 404
    assert theirs.content == random.content


def test_memory_does_not_grow_with_the_file(api: APIClient, home: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    big = home / "big.csv"
    with big.open("wb") as file:
        for _ in range(32):
            file.write(b"1,2\n" * (1 << 18))
    with big.open("rb") as file:
        stream = StorageUploadHandler(1 << 30, FORMATS)
        stream.new_file("file", "big.csv", "text/csv", None)
        start = 0
        while chunk := file.read(1 << 16):
            stream.receive_data_chunk(chunk, start)
            start += len(chunk)
        stream.file_complete(start)
    assert stream.bytes == 32 << 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 16 << 10


def test_a_file_goes_to_object_storage_in_parts(api: APIClient, bucket: Storage, settings: Settings) -> None:
    content = b"1,2\n" * (5 << 20)
    assert upload(api, content=content).status_code == 201
    assert bucket.read(Upload.objects.get().uri) == content
    settings.UPLOAD_MAX_BYTES = len(content) - 1
    assert problem_of(upload(api, content=content)) == (413, "body_too_large", "file")
    assert len(bucket.children("uploads")) == 1
    assert bucket.forget_unfinished(time.time() + 60) == 0


def test_without_object_storage_nothing_is_taken_in(api: APIClient, settings: Settings, nobody: int) -> None:
    settings.STORAGE = StorageAddress("s3://bucket", f"http://127.0.0.1:{nobody}", access_key="a", secret_key="b")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(storage(), "_patience", 0.2)
        assert problem_of(upload(api)) == (503, "storage_unavailable", "")
    assert not Upload.objects.exists()
