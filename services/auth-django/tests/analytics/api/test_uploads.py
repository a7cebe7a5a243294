import base64
import hashlib
import os
import resource
import subprocess
import time
import uuid
from pathlib import Path

import pytest
from analytics.models import Format, Upload
from analytics.uploads.form import StorageUploadHandler
from auth_rig.people import Answer, problem_of
from auth_rig.work import CSV, FORMATS, csv_file, make_upload, queue_import, upload
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
    monkeypatch.setattr("analytics.uploads.space.RESERVE_BYTES", 1 << 60)
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
            patch.setattr("analytics.uploads.space.RESERVE_BYTES", -(1 << 30))
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


def tus(api: APIClient, size: object = len(CSV), name: str = "a.csv", **headers: str) -> Answer:
    metadata = f"filename {base64.b64encode(name.encode()).decode()}"
    given = {"Tus-Resumable": "1.0.0", "Upload-Length": str(size), "Upload-Metadata": metadata, **headers}
    return api.post("/api/uploads/", headers=given)


def patch(api: APIClient, place: str, offset: object, data: bytes, **headers: str) -> Answer:
    given = {"Tus-Resumable": "1.0.0", "Upload-Offset": str(offset), **headers}
    return api.patch(place, data, content_type="application/offset+octet-stream", headers=given)


def offset_of(api: APIClient, place: str) -> str:
    answer = api.head(place, headers={"Tus-Resumable": "1.0.0"})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    return answer.headers["Upload-Offset"]


def test_a_resumable_upload(api: APIClient, home: Path) -> None:
    opened = tus(api, name="My points.csv")
    place = opened.headers["Location"]
    assert (opened.status_code, place) == (201, f"/api/uploads/{opened.json()['id']}/")
    assert opened.headers["Tus-Resumable"] == "1.0.0"
    assert opened.headers["Upload-Expires"].endswith("GMT")
    assert problem_of(api.post(f"{place}preview/", {})) == (409, "upload_conflict", "upload")
    assert problem_of(api.post("/api/imports/", {"upload": opened.json()["id"], "title": "x"}))[:2] == (
        409,
        "upload_conflict",
    )
    sent = patch(api, place, 0, CSV[:5])
    assert (sent.status_code, sent.headers["Upload-Offset"], offset_of(api, place)) == (204, "5", "5")
    assert api.get(place).json()["received"] == 5
    assert patch(api, place, 5, CSV[5:]).headers["Upload-Offset"] == str(len(CSV)) == offset_of(api, place)
    body = api.get(place).json()
    assert (body["name"], body["format"], body["bytes"], body["received"]) == ("My points.csv", "csv", 12, 12)
    assert stored(home) == [home / "storage" / "uploads" / body["id"] / "source"]
    assert stored(home)[0].read_bytes() == CSV
    assert api.post(f"{place}preview/", {}).status_code == 202


def test_what_is_spoken_here(api: APIClient) -> None:
    answer = api.options("/api/uploads/")
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == answer.headers["Tus-Resumable"] == "1.0.0"
    assert answer.headers["Tus-Extension"] == "creation,expiration,termination,checksum"
    assert answer.headers["Tus-Checksum-Algorithm"] == "sha256,sha1"
    assert int(answer.headers["Tus-Max-Size"]) > 0


@pytest.mark.parametrize(
    ("headers", "status", "code", "field"),
    [
        ({"Upload-Length": "-1"}, 400, "param_invalid", "Upload-Length"),
        ({"Upload-Length": "x"}, 400, "param_invalid", "Upload-Length"),
        ({"Upload-Length": "101"}, 413, "body_too_large", "Upload-Length"),
        ({"Upload-Length": "0"}, 422, "empty_file", "Upload-Length"),
        ({"Upload-Metadata": "filename %%%"}, 400, "param_invalid", "Upload-Metadata"),
        ({"Upload-Metadata": ""}, 400, "param_invalid", "Upload-Metadata"),
        ({"Upload-Metadata": "filename YS5leGU="}, 415, "type_mismatch", "file"),
        ({"Tus-Resumable": "0.2.1"}, 412, "precondition_failed", "Tus-Resumable"),
    ],
)
def test_an_upload_that_can_not_be_opened(
    api: APIClient, home: Path, settings: Settings, headers: dict[str, str], status: int, code: str, field: str
) -> None:
    settings.UPLOAD_MAX_BYTES = 100
    assert problem_of(tus(api, **headers)) == (status, code, field)
    assert not Upload.objects.exists()
    assert not (home / "storage").exists()


def test_what_would_not_fit_is_refused_before_a_byte(
    api: APIClient, owner: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = storage().free()
    assert free is not None
    settings.UPLOAD_MAX_BYTES = 1 << 62
    assert problem_of(tus(api, free + (1 << 30))) == (507, "no_space", "")
    # What one upload has reserved is not there for the next.
    monkeypatch.setattr(type(storage()), "free", lambda _: free)
    assert tus(api, free * 2 // 3).status_code == 201
    assert problem_of(tus(api, free * 2 // 3)) == (507, "no_space", "")
    monkeypatch.setattr(type(storage()), "free", lambda _: free * 2 // 3)
    assert problem_of(upload(api)) == (507, "no_space", "")
    monkeypatch.setattr(type(storage()), "free", lambda _: free)
    settings.QUOTA_BYTES = free * 2 // 3 + 11
    assert problem_of(tus(api, 12)) == (413, "quota_exceeded", "")
    assert problem_of(upload(api)) == (413, "quota_exceeded", "")
    assert tus(api, 11).status_code == 201


def test_parts_that_do_not_belong(api: APIClient, foreign: APIClient) -> None:
    place = tus(api).headers["Location"]
    wrong = {"Upload-Checksum": f"sha256 {base64.b64encode(hashlib.sha256(b'other').digest()).decode()}"}
    right = {"Upload-Checksum": f"sha256 {base64.b64encode(hashlib.sha256(CSV).digest()).decode()}"}
    assert problem_of(patch(api, place, 1, CSV)) == (413, "body_too_large", "Content-Length")
    assert problem_of(patch(api, place, 1, CSV[:2])) == (409, "upload_conflict", "Upload-Offset")
    assert problem_of(patch(api, place, -1, CSV)) == (400, "param_invalid", "Upload-Offset")
    assert problem_of(patch(api, place, 0, CSV + b"x")) == (413, "body_too_large", "Content-Length")
    assert problem_of(patch(api, place, 0, CSV, **wrong)) == (460, "checksum_mismatch", "Upload-Checksum")
    assert problem_of(patch(api, place, 0, CSV, **{"Upload-Checksum": "crc32 YQ=="}))[1] == "param_invalid"
    assert problem_of(patch(api, place, 0, CSV, **{"Tus-Resumable": "2"})) == (
        412,
        "precondition_failed",
        "Tus-Resumable",
    )
    body = api.patch(place, {}, headers={"Tus-Resumable": "1.0.0", "Upload-Offset": "0"})
    assert problem_of(body)[:2] == (415, "unsupported_media_type")
    for stranger in (foreign.head(place), patch(foreign, place, 0, CSV), foreign.delete(place)):
        assert stranger.status_code == 404
    for unknown in (uuid.uuid4(), "1 OR 1=1", "..%2f"):
        assert problem_of(patch(api, f"/api/uploads/{unknown}/", 0, CSV))[:2] == (404, "not_found")
    assert offset_of(api, place) == "0"
    assert patch(api, place, 0, CSV, **right).status_code == 204


def test_an_upload_is_terminated(api: APIClient, home: Path) -> None:
    place = tus(api).headers["Location"]
    patch(api, place, 0, CSV[:5])
    assert problem_of(api.delete(place))[:2] == (412, "precondition_failed")
    assert api.delete(place, headers={"Tus-Resumable": "1.0.0"}).status_code == 204
    assert stored(home) == []
    assert problem_of(patch(api, place, 5, CSV[5:]))[:2] == (404, "not_found")


def test_an_imported_upload_is_not_terminated(api: APIClient) -> None:
    job = queue_import(api)
    place = f"/api/uploads/{job.upload_id}/"
    assert problem_of(api.delete(place, headers={"Tus-Resumable": "1.0.0"})) == (409, "upload_conflict", "upload")


def test_the_last_step_of_a_process_that_died_is_made_good(api: APIClient) -> None:
    place = tus(api).headers["Location"]
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr("analytics.uploads.resumable._finish", lambda *_: None)
        patch(api, place, 0, CSV)
    assert Upload.objects.get().received == len(CSV)
    assert offset_of(api, place) == str(len(CSV))
    assert Upload.objects.get().received is None
